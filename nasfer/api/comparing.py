"""What several runs say together: who is on the front, and whether scores foretell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nasfer.api.networks import faces_named
from nasfer.errors import RunFolderError, SpecError
from nasfer.quantity import parse_quantity
from nasfer.runs.atomic import make_folder
from nasfer.runs.folder import read_run
from nasfer.runs.outputs import outputs

if TYPE_CHECKING:
    import pandas as pd

    from nasfer.report.correlations.scoring import ScoreWatch
    from nasfer.report.folders import Folders
    from nasfer.report.front import Front

PROXIES = ("zen_closed_form", "flops", "params")
"""Scores that `correlate` compares where none is named."""


def correlate(
    pools: Folders,
    proxies: str | Sequence[str] = PROXIES,
    metric: str = "accuracy",
    *,
    resolution: int | None = None,
    budget: str | int | None = None,
    repeats: int = 1,
    batch: int = 16,
    data: str | Path | None = None,
    device: str | None = None,
    mixed: bool = False,
    seed: int = 0,
    out: str | Path | None = None,
    overwrite: bool = False,
    watch: ScoreWatch | None = None,
) -> pd.DataFrame:
    """Tell whether scores order trained networks as a measured figure does.

    Over all, within bands of nearly one budget, and among the best tenth. What a proxy that draws
    has measured is kept beside ``out``, line by line: the same call goes on where it was stopped.

    Args:
        pools: a run folder of `nasfer.tune`, a CSV file with the columns ``structure`` and
            ``accuracy``, or a public table (``nas_bench_macro:FILE``); or several of the same data.
        proxies: names of `nasfer.list_proxies`.
        metric: the measured figure, its mean over seeds; of CSV files and public tables
            ``accuracy`` is the only one.
        resolution: of proxies that have to be computed, in pixels; ``None``: the pool's.
        budget: in FLOPs, of the one band from 0.85 of it to it; ``None``: bands over all.
        repeats: draws of a proxy that draws.
        batch: images a draw.
        data: faces, ``NAME[:PATH][,option=value...]``, for proxies that read them.
        device: where networks are measured; ``None``: a GPU if there is one.
        mixed: allow pools of several data sets, sizes and recipes.
        seed: of the bootstrap, and of proxies that draw.
        out: table to write, ``.csv`` or ``.md``; the plot stands beside it as ``.png``, scores that
            were measured as ``.scores.jsonl``.
        overwrite: replace files of these names, too, that nasfer did not write.
        watch: told how many scores are done, and of how many.
    Returns:
        One row a proxy: Kendall's tau-b and Spearman's rho with intervals of 95 %, as
        `nasfer.report.correlate` describes them.
    Raises:
        RunFolderError: fewer than five candidates, or a folder is damaged; a file is there.
        PoolError: a pool cannot be read, or they do not agree.
        SpecError: ``out`` is neither.
        ProxyError: a proxy reads faces and there are none, or none reads those that there are.
        UnknownNameError: no such proxy, metric or device.
    """
    from nasfer.report import correlate as correlation
    from nasfer.report import plot_correlation, read_judged, write_table
    from nasfer.report.correlations.scoring import KeptScores, ScoreSettings
    from nasfer.report.folders import paths_of

    path = None if out is None else Path(out)
    if path is not None and path.suffix not in (".csv", ".md"):
        raise SpecError(f"`out`: {path} ends neither in .csv nor in .md")
    limit = None if budget is None else parse_quantity(budget, "`budget`")
    written = [] if path is None else [path, path.with_suffix(".png")]
    table = read_judged(paths_of(pools), metric, resolution=resolution, mixed=mixed)
    with outputs(written, overwrite=overwrite):
        if path is not None:
            make_folder(path.parent)
        found, scores = correlation(
            table,
            [proxies] if isinstance(proxies, str) else proxies,
            metric,
            budget=limit,
            settings=ScoreSettings(seed, repeats, batch, faces_named(data), device),
            seed=seed,
            kept=KeptScores(None if path is None else path.with_suffix(".scores.jsonl")),
            watch=watch,
        )
        if path is not None:
            write_table(found, path)
            plot_correlation(table, scores, found, path.with_suffix(".png"))
    return found


def pareto(
    runs: Folders,
    x: str = "flops",
    y: str | None = None,
    *,
    formats: Sequence[str] = (),
    out: str | Path | None = None,
    printed: bool = False,
    reference: tuple[float, float] | None = None,
    overwrite: bool = False,
) -> Front:
    """Find the Pareto front of all networks in some run folders, and write it.

    Args:
        runs: a run folder or several, all of searches or all of `nasfer.tune`.
        x: metric: ``flops``, ``macs``, ``params``, ``layers``; of trainings also ``latency``, ...
        y: metric; ``None``: ``zen`` of searches, ``val_accuracy`` of trainings. By a figure of the
            test split, such as ``accuracy``, the front is chosen on that split, and says so.
        formats: of the files ``pareto.<format>`` to write: ``csv``, ``md``, ``tex``, ``png``,
            ``pdf``, and of trainings ``html``; none are written where none is named.
        out: folder for the files; ``None``: the first run folder.
        printed: add the papers' figures to the tables of trainings, on no front.
        reference: the hypervolume's reference point, of trainings; ``None``: a tenth beyond the
            worst ``x``, and no accuracy.
        overwrite: replace files of these names, too, that nasfer did not write.
    Returns:
        ``table`` has all networks, the dominated ones marked, ``rows`` those on the front;
        ``hypervolume``, and the trials that ``failures`` lost.
    Raises:
        RunFolderError: searches beside trainings, or a folder is damaged or not finished; a file
            is there.
        SpecError: an argument that is for trainings only, or one metric twice.
        UnknownNameError: no such metric or format.
    """
    from nasfer.report import (
        failures_table,
        find_front,
        open_tunings,
        read_found,
        read_trained,
        write_found_files,
        write_trained_files,
    )
    from nasfer.report.folders import paths_of
    from nasfer.report.measures import CHOSEN_BY

    folders = paths_of(runs)
    target = folders[0] if out is None else Path(out)
    names = (*(f"pareto.{name}" for name in formats), "pareto_failures.csv") if formats else ()
    written = [target / name for name in names]
    if _hold_trainings(folders):
        opened = open_tunings(folders)
        front = find_front(read_trained(opened), x, y or CHOSEN_BY, reference)
        front = replace(front, failures=failures_table(opened))
        with outputs(written, overwrite=overwrite):
            write_trained_files(opened, front, formats, target, printed=printed)
        return front
    for name, given in (("printed", printed), ("reference", reference is not None)):
        if given:
            raise SpecError(f"`{name}`: for runs of `nasfer tune` only")
    front = find_front(read_found(folders), x, y or "zen")
    with outputs(written[:-1], overwrite=overwrite):
        write_found_files(front, formats, target)
    return front


def _hold_trainings(folders: Sequence[Path]) -> bool:
    """Tell whether the folders are of tunings, not of searches.

    Raises:
        RunFolderError: they are of both, or one is of neither.
    """
    kinds = [read_run(folder).kind for folder in folders]
    for folder, kind in zip(folders, kinds):
        if kind not in ("search", "tune"):
            raise RunFolderError(
                f"{folder}: a run of nasfer {kind}; searches, or runs of nasfer tune, have fronts"
            )
        if kind != kinds[0]:
            search, tune = (folders[kinds.index(name)] for name in ("search", "tune"))
            raise RunFolderError(f"{search}: a search, {tune} holds trainings; give one sort")
    return kinds[0] == "tune"
