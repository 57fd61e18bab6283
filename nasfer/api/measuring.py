"""Trained networks and runs at hand: how good, what they say of a face, which are on the front."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nasfer.errors import CheckpointError, DataError, RunFolderError, SpecError, UnknownNameError

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor

    from nasfer.inference.result import Result
    from nasfer.models import CheckpointInfo, Network
    from nasfer.report.folders import Folders
    from nasfer.report.front import Front

EvaluateWatch = Callable[[str, int, int], None]
"""Called with what is being done, how many images are done, and how many there are."""

PROXIES = ("zen_closed_form", "flops", "params")
"""Scores that `correlate` compares where none is named."""


def evaluate(
    checkpoint: str | Path,
    data: str | Path,
    *,
    split: str = "test",
    flip: bool = False,
    class_names: Sequence[str] = (),
    resolution: int | None = None,
    batch: int = 128,
    threads: int | None = None,
    latency: bool = True,
    on_bad_image: str = "stop",
    device: str | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    watch: EvaluateWatch | None = None,
) -> Result:
    """Measure a trained network on a data set: accuracy, by class, calibration, latency.

    Args:
        checkpoint: of nasfer, ``.safetensors``.
        data: ``NAME[:PATH][,option=value...]``, see `nasfer.data.load_data`; a `Path` is a folder
            with a folder a class. Classes are joined by name.
        split: ``train``, ``val`` or ``test``.
        flip: average with the mirror images' probabilities.
        class_names: of the logits, in order, where the checkpoint does not name them.
        resolution: side of the images, in pixels; ``None``: the checkpoint's.
        batch: images a forward pass.
        threads: for the latency on the CPU; ``None``: torch's.
        latency: whether forward passes of 1 and 32 images are timed.
        on_bad_image: ``stop`` or ``skip``.
        device: ``cuda``, ``cpu``, ...; ``None``: a GPU if there is one.
        seed: of splits and faces that are drawn.
        out: folder for ``result.json``, ``per_class.csv`` and ``confusion.png``.
        watch: called with the progress.
    Returns:
        ``metrics``, ``latencies``, ``notes`` of the data, and what they are of; ``to_dict()`` is
        what ``result.json`` holds.
    Raises:
        CheckpointError: the checkpoint cannot be read, or its classes have no names.
        DataError: the data cannot be read, or has other classes.
        UnknownNameError: no such data set, split or device.
        RunFolderError: ``out`` cannot be written.
    """
    import torch

    from nasfer.data import data_text, load_data
    from nasfer.data.faces import SPLITS
    from nasfer.inference.device import chosen_device
    from nasfer.inference.latency import latency as time_passes
    from nasfer.inference.metrics import measure
    from nasfer.inference.probabilities import probabilities
    from nasfer.inference.result import Result

    if split not in SPLITS:
        raise UnknownNameError(f"`split`: unknown {split!r}; allowed: {', '.join(SPLITS)}")
    model, info = _opened(checkpoint, class_names, resolution)
    chosen, tell = chosen_device(device), watch or (lambda stage, done, total: None)
    read = load_data(
        data_text(data), resolution=info.resolution or None, channels=model.arch.in_channels,
        on_bad_image=on_bad_image, seed=seed, watch=partial(tell, "reading images"),
    )  # fmt: skip
    faces = read.splits[split]
    found = probabilities(
        model, faces, info, batch=batch, flip=flip, device=chosen,
        watch=partial(tell, "images read by the network"),
    )  # fmt: skip
    side = info.resolution or faces.images.resolution
    passes = time_passes(model, side, threads=threads or torch.get_num_threads()) if latency else []
    result = Result(
        network=str(checkpoint), structure=info.structure, digest=model.arch.digest(),
        data=read.spec, split=split, resolution=side,
        metrics=measure(found, faces.targets, faces.class_names), device=chosen, flip=flip,
        notes=read.notes, bad_images=read.bad_images, latencies=tuple(passes),
        checkpoint=str(checkpoint),
    )  # fmt: skip
    if out is not None:
        from nasfer.report.trainings.files import write_evaluation

        write_evaluation(out, result)
    return result


def predict(
    checkpoint: str | Path,
    images: str | Path | Sequence[str | Path],
    *,
    landmarks: str | Path | None = None,
    top: int = 3,
    flip: bool = False,
    class_names: Sequence[str] = (),
    resolution: int | None = None,
    device: str | None = None,
) -> pd.DataFrame:
    """Name the expression on each face; a damaged file is a row that says so.

    Faces should be cut out as those that the network was trained on were.

    Args:
        checkpoint: of nasfer, ``.safetensors``.
        images: a file of one face, a folder, or several of either.
        landmarks: CSV with an image and ten numbers in 224-pixel coordinates a line, for networks
            that read landmarks.
        top: most likely expressions to tell of an image.
        flip: average with the mirror images' probabilities.
        class_names: of the logits, in order, where the checkpoint does not name them.
        resolution: side of the images, in pixels; ``None``: the checkpoint's.
        device: ``cuda``, ``cpu``, ...; ``None``: a GPU if there is one.
    Returns:
        One row a file: ``file``, ``expression`` and its ``probability``, ``top``, a tuple of such
        pairs, the likeliest first, and ``error``, which is ``None`` where the file could be read;
        elsewhere there is no expression.
    Raises:
        CheckpointError: the checkpoint cannot be read, its classes have no names, or its resolution
            is unknown.
        DataError: landmarks are needed and not given or damaged, or a folder holds no image.
        UnknownNameError: no such device.
    """
    import pandas as pd

    from nasfer.data import canonical
    from nasfer.data.landmarks import read_landmarks
    from nasfer.inference.device import chosen_device
    from nasfer.inference.image_files import file_probabilities, image_files

    model, info = _opened(checkpoint, class_names, resolution)
    if not info.resolution:
        raise CheckpointError(f"{checkpoint}: it has no resolution; give `resolution`, in pixels")
    points = None
    if model.reads_landmarks:
        if landmarks is None:
            raise DataError(
                f"{checkpoint}: this network reads landmarks; give `landmarks` file.csv"
            )
        points = read_landmarks(Path(landmarks))
    files = image_files([images] if isinstance(images, str | Path) else images)
    found = file_probabilities(
        model, info, files, points=points, flip=flip, device=chosen_device(device)
    )
    order = canonical(info.class_names)
    rows = [_prediction(path, outcome, order, top) for path, outcome in found]
    return pd.DataFrame(rows, columns=["file", "expression", "probability", "top", "error"])


def correlate(
    runs: Folders,
    proxies: str | Sequence[str] = PROXIES,
    metric: str = "accuracy",
    *,
    resolution: int | None = None,
    seed: int = 0,
    out: str | Path | None = None,
) -> pd.DataFrame:
    """Tell whether training-free scores order trained networks as a measured figure does.

    Args:
        runs: a run folder of `nasfer.tune`, or several of the same data.
        proxies: names of `nasfer.list_proxies`.
        metric: the measured figure, its mean over seeds.
        resolution: of proxies that have to be computed, in pixels; ``None``: the run's.
        seed: of the bootstrap.
        out: table to write, ``.csv`` or ``.md``; the plot stands beside it as ``.png``.
    Returns:
        One row a proxy: Kendall's tau-b and Spearman's rho with intervals of 95 %, as
        `nasfer.report.correlate` describes them.
    Raises:
        RunFolderError: fewer than three candidates, or a folder is damaged.
        SpecError: ``out`` is neither.
        UnknownNameError: no such proxy or metric.
    """
    from nasfer.report import correlate as correlation
    from nasfer.report import (
        one_row_a_network,
        plot_correlation,
        read_trained,
        trained_resolution,
        write_table,
    )
    from nasfer.report.folders import paths_of

    path = None if out is None else Path(out)
    if path is not None and path.suffix not in (".csv", ".md"):
        raise SpecError(f"`out`: {path} ends neither in .csv nor in .md")
    folders = paths_of(runs)
    table = one_row_a_network(read_trained(folders), metric)
    size = resolution or trained_resolution(folders[0], table)
    names = [proxies] if isinstance(proxies, str) else proxies
    found, scores = correlation(table, names, metric, resolution=size, seed=seed)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
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
) -> Front:
    """Find the Pareto front of all networks in some run folders, and write it.

    Args:
        runs: a run folder or several, all of searches or all of `nasfer.tune`.
        x: metric: ``flops``, ``macs``, ``params``, ``layers``; of trainings also ``latency``, ...
        y: metric; ``None``: ``zen`` of searches, ``accuracy`` of trainings.
        formats: of the files ``pareto.<format>`` to write: ``csv``, ``md``, ``tex``, ``png``,
            ``pdf``, and of trainings ``html``; none are written where none is named.
        out: folder for the files; ``None``: the first run folder.
        printed: add the papers' figures to the tables of trainings, on no front.
        reference: the hypervolume's reference point, of trainings; ``None``: a tenth beyond the
            worst ``x``, and no accuracy.
    Returns:
        ``table`` has all networks, the dominated ones marked, ``rows`` those on the front;
        ``hypervolume``, and the trials that ``failures`` lost.
    Raises:
        RunFolderError: searches beside trainings, or a folder is damaged or not finished.
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

    folders = paths_of(runs)
    target = folders[0] if out is None else Path(out)
    if _hold_trainings(folders):
        opened = open_tunings(folders)
        front = find_front(read_trained(opened), x, y or "accuracy", reference)
        front = replace(front, failures=failures_table(opened))
        write_trained_files(opened, front, formats, target, printed=printed)
        return front
    for name, given in (("printed", printed), ("reference", reference is not None)):
        if given:
            raise SpecError(f"`{name}`: for runs of `nasfer tune` only")
    front = find_front(read_found(folders), x, y or "zen")
    write_found_files(front, formats, target)
    return front


def _opened(
    checkpoint: str | Path, class_names: Sequence[str], resolution: int | None
) -> tuple[Network, CheckpointInfo]:
    """Return a checkpoint's network and its description, as the arguments correct it."""
    from nasfer.inference.opened import open_checkpoint
    from nasfer.inference.probabilities import check_class_names

    model, info = open_checkpoint(checkpoint, class_names)
    check_class_names(model, info)
    return model, replace(info, resolution=resolution or info.resolution)


def _prediction(
    path: Path, outcome: Tensor | DataError, order: tuple[str, ...], top: int
) -> dict[str, Any]:
    """Return the row of a file."""
    if isinstance(outcome, DataError):
        nothing = {"expression": None, "probability": math.nan, "top": ()}
        return {"file": str(path), **nothing, "error": str(outcome)}
    best = outcome.topk(min(top, len(order)))
    likely = tuple(
        {"expression": order[index], "probability": share}
        for share, index in zip(best.values.tolist(), best.indices.tolist())
    )
    return {"file": str(path), **likely[0], "top": likely, "error": None}


def _hold_trainings(folders: Sequence[Path]) -> bool:
    """Tell whether the folders are of trainings, not of searches.

    Raises:
        RunFolderError: they are of both, or one is no run folder.
    """
    from nasfer.report import is_tune_run

    trained = [is_tune_run(folder) for folder in folders]
    if any(trained) and not all(trained):
        raise RunFolderError(
            f"{folders[trained.index(False)]}: a search, {folders[trained.index(True)]} holds"
            " trainings; give one sort"
        )
    return trained[0]
