"""The table of trained candidates: one row each, mean and spread over seeds."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nasfer.errors import RunFolderError
from nasfer.presets import PRESETS
from nasfer.report.measures import MEASURED
from nasfer.report.tunings.trials import Trial, read_trials
from nasfer.runs.folder import read_run

COSTS = ("flops", "macs", "params", "layers", "checkpoint_bytes")
"""Columns that all seeds of a candidate share; exact integers."""

ONCE = ("zen_closed_form", "latency_ms", "latency_p95_ms")
"""Figures that belong to the network, not to its trainings."""

COLUMNS = [
    "name", "kind", "digest", "config", "seeds", "stopped", "epochs",
    *(f"{name}{part}" for name in MEASURED for part in ("", "_std")),
    *ONCE, *COSTS, "resolution", "images", "checkpoint", "seed_list", "confusion",
    "class_names", "structure",
]  # fmt: skip

LONG = ("structure", "confusion", "class_names", "checkpoint", "seed_list")
"""Columns that are too long, or no plain values, for tables of text."""


def trained_table(folder: Path) -> pd.DataFrame:
    """Return the candidates that a tune run has trained, one row each, best accuracy first.

    A candidate is a network with its recipe values; its seeds become one row. Measured figures
    (accuracies as fractions of 1, on the test split) are means over the seeds that were trained to
    the end, beside their sample standard deviation ``<name>_std``, which is missing for a single
    seed; ``seeds`` counts them. Trials that a scheduler stopped, or that failed, enter no mean:
    ``stopped`` counts the former, `failures_table` lists the latter.

    Columns: ``name`` (as the user named it; ``digest`` beside it tells namesakes apart), ``kind``
    (``preset`` or ``candidate``), ``config``, the figures, costs, ``checkpoint`` (of the seed with
    the best validation), ``seed_list``, ``confusion`` (summed over seeds), ``class_names``,
    ``structure``.

    Raises:
        RunFolderError: no run folder, an empty or damaged one, or no trial finished.
    """
    trials = read_trials(folder)
    table = ended_table(trials)
    table = table[table["seeds"] > 0]
    if table.empty:
        counts = {s: sum(t.status == s for t in trials) for s in ("failed", "stopped")}
        told = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
        reason = next((f"; {t.source}: {t.error}" for t in trials if t.error), "")
        raise RunFolderError(f"{folder}: no finished trial ({told}){reason}")
    return table


def ended_table(trials: Sequence[Trial]) -> pd.DataFrame:
    """Return the `trained_table` of some trials, and candidates that were only stopped early.

    These come last and have no figure but the mean of their best validation accuracies. Without
    any trial that ended so the table is empty.
    """
    groups: dict[str, list[Trial]] = {}
    for trial in trials:
        if trial.status != "failed":
            groups.setdefault(trial.candidate, []).append(trial)
    table = pd.DataFrame([_row(group) for group in groups.values()], columns=COLUMNS)
    whole = (*COSTS, "seeds", "stopped", "epochs", "images", "resolution")
    table = table.astype(dict.fromkeys(whole, "Int64"))
    figures = [*MEASURED, *(f"{name}_std" for name in MEASURED), *ONCE]
    table = table.astype(dict.fromkeys(figures, float))
    order = ["accuracy", "val_accuracy"]
    return table.sort_values(order, ascending=False, kind="stable", ignore_index=True)


def read_trained(folders: Sequence[Path]) -> pd.DataFrame:
    """Return the `trained_table` of several runs of the same data, with a column ``run``.

    Raises:
        RunFolderError: as `trained_table`, or the runs measured on different data.
    """
    tables, first = [], ""
    for folder in folders:
        data = str(read_run(folder)["settings"].get("data", ""))
        first = first or data
        if data != first:
            raise RunFolderError(
                f"{folder}: measured on {data!r}, {folders[0]} on {first!r}; figures of different"
                " data make no front"
            )
        tables.append(trained_table(folder))
    if len(folders) == 1:
        return tables[0]
    runs = [table.assign(run=name) for name, table in zip(run_names(folders), tables)]
    return pd.concat(runs, ignore_index=True)


def run_names(folders: Sequence[Path]) -> list[str]:
    """Return a name for each run: its folder's, or the whole path where two are called alike."""
    short = [folder.resolve().name for folder in folders]
    return short if len(set(short)) == len(short) else [str(folder) for folder in folders]


def trained_resolution(folder: Path, table: pd.DataFrame) -> int | None:
    """Return the side of the images that a run trained on, in pixels; ``None`` if nothing tells.

    The ledger tells, else the run's settings, else those of a trial, whose folder is where its
    checkpoint lies.

    Args:
        table: `trained_table` of the folder.
    """
    known = table["resolution"].dropna()
    if len(known):
        return int(known.iloc[0])
    beside = [Path(path).parent for path in table["checkpoint"] if path]
    for place in (folder, *beside):
        try:
            found = read_run(place)["settings"].get("resolution")
        except RunFolderError:
            continue
        if isinstance(found, int):
            return found
    return None


def spread(values: Sequence[float]) -> tuple[float, float]:
    """Return mean and sample standard deviation; NaN where there are too few values.

    Example:
        >>> spread([1.0, 3.0, 5.0])
        (3.0, 2.0)
        >>> spread([0.5])
        (0.5, nan)
    """
    mean = statistics.fmean(values) if values else math.nan
    return mean, statistics.stdev(values) if len(values) > 1 else math.nan


def _row(group: list[Trial]) -> dict[str, Any]:
    """One candidate's row, from its trials that were trained to the end, or else stopped."""
    done = [trial for trial in group if trial.status == "done"]
    best = max(done or group, key=lambda trial: trial.figures.get("val_accuracy", -1.0))
    row: dict[str, Any] = {
        "name": best.source,
        "kind": "preset" if best.source in PRESETS else "candidate",
        "digest": best.digest,
        "config": best.config_text,
        "seeds": len(done),
        "stopped": len(group) - len(done),
        "epochs": max(trial.epochs for trial in done or group),
    }
    for name in MEASURED:
        of = done if done or name != "val_accuracy" else group
        row[name], row[f"{name}_std"] = spread([t.figures[name] for t in of if name in t.figures])
    for name in (*ONCE, *COSTS):
        row[name] = next((t.figures[name] for t in done if name in t.figures), None)
    return {
        **row,
        "resolution": best.figures.get("resolution"),
        "images": best.images,
        "checkpoint": best.checkpoint,
        "seed_list": tuple(trial.seed for trial in done),
        "confusion": _summed(done),
        "class_names": best.class_names,
        "structure": best.structure,
    }


def _summed(done: list[Trial]) -> tuple[tuple[int, ...], ...]:
    """Add up the confusion matrices of the seeds that have one of the same classes."""
    known = [trial for trial in done if trial.confusion]
    same = [t.confusion for t in known if t.class_names == known[0].class_names]
    if not same:
        return ()
    return tuple(tuple(int(n) for n in row) for row in np.sum(np.array(same), axis=0))
