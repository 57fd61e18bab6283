"""A network for other programs: a checked file of ONNX, int8 or torch.export."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from nasfer.errors import CheckpointError, DataError, UnknownNameError
from nasfer.runs.outputs import outputs

if TYPE_CHECKING:
    from torch import Tensor

    from nasfer.arch import Arch
    from nasfer.exporting import Exported
    from nasfer.exporting.export import ExportWatch, Inputs
    from nasfer.models import CheckpointInfo, Network

CALIBRATED = 256
"""Faces that int8 is calibrated on, and as many that it is judged by."""


def export(
    source: Arch | str | Path,
    out: str | Path | None = None,
    *,
    format: Literal["onnx", "torch-export"] = "onnx",
    quantize: Literal["int8"] | None = None,
    calibrate: str | Path | None = None,
    batch: int | None = None,
    resolution: int | None = None,
    seed: int = 0,
    watch: ExportWatch = lambda stage, done, total: None,
    overwrite: bool = False,
) -> Exported:
    """Write a network as ONNX or torch.export, and check the written file against torch.

    Args:
        source: a checkpoint (``.safetensors``); or, untrained, an architecture, a preset's name, a
            structure string or a file.
        out: file to write; ``None``: the source's name in the working folder.
        format: ``"onnx"`` or ``"torch-export"``.
        quantize: ``"int8"``, for ONNX.
        calibrate: faces for int8, as ``data`` elsewhere; ``None``: drawn noise.
        batch: images a call; ``None``: any number.
        resolution: side of the images, in pixels; ``None``: the network's.
        seed: of untrained weights, drawn inputs and the choice of faces.
        watch: called, of int8, with what is done, how much of it is, and how much there is.
        overwrite: replace a file of this name, too, that nasfer did not write.
    Returns:
        Path and size of the file, and how far its logits are from torch's: it is ``faithful`` where
        they agree within 1e-4 of the largest; int8 is judged by the images of which it predicts
        another class. Int8 is chosen by measuring on this processor: ``int8`` has the milliseconds
        and, of a checkpoint on ``calibrate``, the accuracy of both files; it is ``faster``, or not.
    Raises:
        CheckpointError: the checkpoint is damaged, or no resolution is known.
        DataError: the faces cannot be read, or lack landmarks that the network reads.
        SpecError: the architecture cannot be read.
        UnknownNameError: no such preset or format, or int8 in another than ONNX.
        RunFolderError: the file cannot be written, or one is there.
    """
    if quantize not in (None, "int8"):
        raise UnknownNameError(f"`quantize`: unknown {quantize!r}; allowed: int8, none")
    if batch is not None and batch < 1:
        raise UnknownNameError(f"`batch`: {batch}; allowed: a number from 1, or none for any")
    import torch

    from nasfer.exporting import FORMATS
    from nasfer.exporting import export as write
    from nasfer.inference.opened import is_checkpoint, open_network

    if format not in FORMATS:
        raise UnknownNameError(f"`format`: unknown {format!r}; allowed: {', '.join(FORMATS)}")
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # of an untrained network's weights
        model, info = open_network(source)
    info = replace(info, resolution=resolution or info.resolution)
    ending = f".{quantize}{FORMATS[format]}" if quantize else FORMATS[format]
    path = Path(_name(source, model) + ending) if out is None else Path(out)
    calibration: Inputs = ()
    held_out: Inputs = ()
    labels = None
    with outputs([path], overwrite=overwrite):
        if quantize and calibrate is not None:
            calibration, held_out, labels = _faces(calibrate, model, info, seed, watch)
            labels = labels if is_checkpoint(source) else None
        return write(
            model, info, path, format=format, batch=batch, int8=quantize == "int8",
            calibration=calibration, held_out=held_out, labels=labels, seed=seed, watch=watch,
        )  # fmt: skip


def _name(source: Arch | str | Path, model: Network) -> str:
    """Return a file's name without its ending, or a preset's; else the architecture's digest."""
    from nasfer.inference.opened import is_checkpoint
    from nasfer.presets import PRESETS

    if isinstance(source, str | Path):
        if str(source) in PRESETS:
            return str(source)
        path = Path(source)
        if is_checkpoint(path) or path.suffix in (".yaml", ".yml", ".json", ".txt"):
            return path.stem
    return model.arch.digest()


def _faces(
    data: str | Path, model: Network, info: CheckpointInfo, seed: int, watch: ExportWatch
) -> tuple[Inputs, Inputs, Tensor | None]:
    """Return prepared faces of train and of test, with landmarks if the network reads them.

    Also the logits of the latter's true classes, where the network's classes are the data's.
    """
    import torch

    from nasfer.data import data_text, load_data
    from nasfer.inference.probabilities import match_classes, prepared

    read = load_data(
        data_text(data), resolution=info.resolution or None, channels=model.arch.in_channels,
        on_bad_image="skip", seed=seed, watch=partial(watch, "reading images"),
    )  # fmt: skip
    rng = torch.Generator().manual_seed(seed)
    both: list[Inputs] = []
    targets = None
    for faces in (read.splits["train"], read.splits["test"]):
        some = torch.randperm(len(faces), generator=rng)[:CALIBRATED]
        inputs: Inputs = (prepared(model, faces.images.read(some), info),)
        if model.reads_landmarks:
            if faces.landmarks is None:
                raise DataError("`calibrate`: this network reads landmarks; this data has none")
            inputs = (*inputs, faces.landmarks[some])
        both.append(inputs)
        targets = faces.targets[some].argmax(1)
    try:
        columns = match_classes(model, info, read.splits["test"].class_names)
    except (CheckpointError, DataError):  # calibrated on other classes: nobody knows what is right
        return both[0], both[1], None
    return both[0], both[1], torch.tensor(columns)[targets]
