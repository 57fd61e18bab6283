"""Trained networks at hand: how good they are, and what they say of a face."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nasfer.errors import CheckpointError, DataError, MissingPackageError, UnknownNameError
from nasfer.packages import require
from nasfer.runs.outputs import outputs

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor

    from nasfer.inference.probabilities import Reader
    from nasfer.inference.result import Result
    from nasfer.models import CheckpointInfo

Latencies = Literal["onnxruntime", "torch", "none"]
"""What is timed: the exported file; eager torch as well; nothing."""

EvaluateWatch = Callable[[str, int, int], None]
"""Called with what is being done, how many images are done, and how many there are."""


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
    latency: bool | Latencies = "onnxruntime",
    on_bad_image: str = "stop",
    device: str | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    overwrite: bool = False,
    watch: EvaluateWatch | None = None,
) -> Result:
    """Measure a trained network on a data set, classes joined by name.

    Args:
        checkpoint: of nasfer, ``.safetensors``; or an exported ``.onnx``, run on the CPU.
        data: ``NAME[:PATH][,option=value...]``, or a `Path` with a folder a class.
        split: ``train``, ``val`` or ``test``.
        flip: average with the mirror images' probabilities.
        class_names: of the logits, in order, where the checkpoint does not name them.
        resolution: side of the images, in pixels; ``None``: the checkpoint's.
        batch: images a forward pass.
        threads: of the passes that are timed on the CPU; ``None``: torch's.
        latency: passes of 1 and 32 images: ``onnxruntime`` times the exported file on the CPU,
            ``torch`` also eager torch on ``device``, ``none`` nothing.
        on_bad_image: ``stop`` or ``skip``.
        device: ``cuda``, ``cpu``, ...; ``None``: a GPU if there is one.
        seed: of splits and faces that are drawn.
        out: folder for ``result.json``, ``per_class.csv`` and ``confusion.png``.
        overwrite: replace files of these names, too, that nasfer did not write.
        watch: called with the progress.
    Returns:
        ``metrics``, ``latencies``, ``notes``; ``to_dict()`` is what ``result.json`` holds.
    Raises:
        CheckpointError: the checkpoint cannot be read, or its classes have no names.
        DataError: the data cannot be read, or has other classes.
        UnknownNameError: no such data set, split, device or backend of ``latency``.
        RunFolderError: ``out`` cannot be written, or holds such a file.
    """
    from nasfer.data import SPLITS, data_text, load_data
    from nasfer.inference.device import chosen_device
    from nasfer.inference.evaluation import measure_split
    from nasfer.report.trainings.files import EVALUATION_FILES, write_evaluation

    if split not in SPLITS:
        raise UnknownNameError(f"`split`: unknown {split!r}; allowed: {', '.join(SPLITS)}")
    backends = _backends(latency)
    model, info = _opened(checkpoint, class_names, resolution)
    chosen, tell = chosen_device(device), watch or (lambda stage, done, total: None)
    chosen = "cpu" if _is_exported(checkpoint) else chosen
    written = [] if out is None else [Path(out) / name for name in EVALUATION_FILES]
    with outputs(written, overwrite=overwrite):
        read = load_data(
            data_text(data), resolution=info.resolution or None, channels=model.arch.in_channels,
            on_bad_image=on_bad_image, seed=seed, watch=partial(tell, "reading images"),
        )  # fmt: skip
        result = measure_split(
            model, info, read, split, checkpoint=str(checkpoint), flip=flip, batch=batch,
            device=chosen, watch=partial(tell, "images read by the network"),
        )  # fmt: skip
        if backends:
            result = _timed(result, model, backends, threads)
        if out is not None:
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
        checkpoint: of nasfer, ``.safetensors``; or a file of `nasfer.export`, ``.onnx``.
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


def _opened(
    checkpoint: str | Path, class_names: Sequence[str], resolution: int | None
) -> tuple[Reader, CheckpointInfo]:
    """Return a trained network and its description, as the arguments correct it.

    Raises:
        CheckpointError: it cannot be read, or an exported file is to read another resolution.
    """
    from nasfer.inference.opened import open_checkpoint
    from nasfer.inference.probabilities import check_class_names

    exported = _is_exported(checkpoint)
    model: Reader
    if exported:
        require("export")
        from nasfer.exporting.opened import open_exported

        model, info = open_exported(checkpoint, class_names)
    else:
        model, info = open_checkpoint(checkpoint, class_names)
    check_class_names(model, info)
    if exported and resolution not in (None, info.resolution):
        raise CheckpointError(f"`resolution`: {resolution}; {checkpoint} reads {info.resolution}")
    return model, replace(info, resolution=resolution or info.resolution)


def _is_exported(checkpoint: str | Path) -> bool:
    return Path(checkpoint).suffix == ".onnx"


def _backends(latency: bool | str) -> tuple[str, ...]:
    """Return what is to be timed.

    Raises:
        UnknownNameError: no such backend.
    """
    known: dict[bool | str, tuple[str, ...]] = {
        "onnxruntime": ("onnxruntime",), "torch": ("onnxruntime", "torch"), "none": (),
        True: ("onnxruntime",), False: (),
    }  # fmt: skip
    if latency not in known:
        raise UnknownNameError(
            f"`latency`: unknown {latency!r}; allowed: onnxruntime, torch (both), none"
        )
    return known[latency]


def _timed(result: Result, model: Reader, backends: Sequence[str], threads: int | None) -> Result:
    """Return a result with the latencies; without onnxruntime a note says that there are none."""
    import torch

    from nasfer.inference.latency import latency as time_passes
    from nasfer.models import Network

    count = threads or torch.get_num_threads()
    passes = []
    notes = result.notes
    try:
        require("export")
    except MissingPackageError as error:
        notes = (*notes, f"latency: not timed in onnxruntime: {error}")
    else:
        from nasfer.exporting.timing import time_reader

        passes += time_reader(model, result.resolution, threads=count)
    if "torch" in backends and isinstance(model, Network):
        passes += time_passes(model, result.resolution, threads=count)
    return replace(result, latencies=tuple(passes), notes=notes)


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
