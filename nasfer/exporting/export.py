"""Export a network: trace, write, and check the written file against torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from nasfer.errors import CheckpointError, DataError, UnknownNameError
from nasfer.exporting.choosing import Chosen, choose
from nasfer.exporting.description import description
from nasfer.exporting.int8 import to_int8
from nasfer.exporting.onnx_file import open_onnx, to_onnx
from nasfer.exporting.parity import TOLERANCE, Parity, compare
from nasfer.exporting.torch_file import open_torch, to_torch
from nasfer.exporting.tracing import input_names, trace
from nasfer.models import CheckpointInfo, Network
from nasfer.packages import require
from nasfer.runs.folder import write_atomic

Format = Literal["onnx", "torch-export"]
FORMATS: dict[str, str] = {"onnx": ".onnx", "torch-export": ".pt2"}
"""Formats, and the usual endings of their files."""

CHECKED = (1, 3, 4)
"""Images of the calls that a file of dynamic batch is checked by."""

FEW = 8
"""Images a call where the file takes any number."""

DRAWN = 32
"""Images drawn where int8 is given none."""

Inputs = tuple[Tensor, ...]

ExportWatch = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and how well it agrees.

    Args:
        path: of the file.
        size: of the file, in bytes.
        float_size: of the float32 file, in bytes; differs for int8 only.
        parity: of the written file, loaded again.
        int8: how the int8 file compares with the float32 one on this processor; ``None``: the file
            is float32. Int8 is judged by agreement, not by the gap.
    """

    path: Path
    size: int
    float_size: int
    parity: Parity
    int8: Chosen | None = None

    @property
    def quantized(self) -> bool:
        """Whether the file is int8."""
        return self.int8 is not None

    @property
    def faithful(self) -> bool:
        """Whether the logits agree within the tolerance; int8 is not judged."""
        return self.quantized or self.parity.relative <= TOLERANCE


def export(
    model: Network,
    info: CheckpointInfo,
    path: Path,
    *,
    format: Format = "onnx",
    batch: int | None = None,
    resolution: int | None = None,
    int8: bool = False,
    calibration: Inputs = (),
    held_out: Inputs = (),
    labels: Tensor | None = None,
    seed: int = 0,
    watch: ExportWatch = lambda stage, done, total: None,
) -> Exported:
    """Write a network in a format that other programs read, and check the file against torch.

    Args:
        model: the network; put in evaluation mode, moved to the CPU.
        info: its description, kept in the file.
        path: of the file, replaced atomically.
        format: ``"onnx"`` or ``"torch-export"``.
        batch: images a call; ``None``: any number.
        resolution: side of the images, in pixels; ``None``: as in ``info``.
        int8: quantise; ONNX only.
        calibration: what int8 is calibrated on: prepared faces, ``(N, C, H, W)``, and their
            landmarks ``(N, 5, 2)`` where the network reads them; empty: drawn inputs.
        held_out: likewise, what its agreement is measured on; empty: drawn inputs.
        labels: ``(N,)`` logits of the true classes of ``held_out``; ``None``: no accuracy.
        seed: of drawn inputs.
        watch: called, of int8, with what is done, how much of it is, and how much there is.
    Raises:
        CheckpointError: the resolution is unknown.
        UnknownNameError: no such format, or int8 in another than ONNX.
        MissingPackageError: the extra ``export`` is not installed.
    """
    require("export")
    if format not in FORMATS:
        raise UnknownNameError(f"`format`: unknown {format!r}; allowed: {', '.join(FORMATS)}")
    if int8 and format != "onnx":
        raise UnknownNameError(f"`quantize='int8'`: for `format='onnx'` alone, not {format}")
    side = resolution or info.resolution
    if not side:
        raise CheckpointError("resolution: unknown for this network; give `resolution`, in pixels")
    model = model.cpu().eval()
    rng = torch.Generator().manual_seed(seed)
    metadata = description(model, info, side)
    feeds, checks = _inputs(model, side, batch, rng, calibration, held_out, int8=int8)
    program = trace(model, side, batch)
    if format == "torch-export":
        content = single = to_torch(program, metadata)
    else:
        content = single = to_onnx(program, model, metadata)
    chosen = None
    if int8:
        calibrating = partial(watch, "calibrating int8")
        forms = to_int8(single, input_names(model), feeds, metadata, calibrating)
        chosen = choose(model, single, forms, checks, labels if held_out else None, batch or 1)
        content = chosen.content
    write_atomic(path, content)
    opened = open_torch(path) if format == "torch-export" else open_onnx(path)
    return Exported(path, len(content), len(single), compare(model, opened, checks), chosen)


def _inputs(
    model: Network,
    side: int,
    batch: int | None,
    rng: torch.Generator,
    calibration: Inputs,
    held_out: Inputs,
    *,
    int8: bool,
) -> tuple[list[Inputs], list[Inputs]]:
    """Return the calls that int8 is calibrated on, and those that the file is checked by."""
    if not int8:
        return [], [model.example_inputs(n, side, rng) for n in ((batch,) if batch else CHECKED)]
    feeds, checks = (
        calls(faces or model.example_inputs(max(DRAWN, batch or 1), side, rng), batch)
        for faces in (calibration, held_out)
    )
    return feeds, checks


def calls(inputs: Inputs, batch: int | None) -> list[Inputs]:
    """Part inputs into calls: of ``batch`` images each, any rest left out, or of a few.

    Raises:
        DataError: fewer images than one call takes.
    """
    parted = list(zip(*(part.split(batch or FEW) for part in inputs)))
    whole = [part for part in parted if batch is None or len(part[0]) == batch]
    if not whole:
        raise DataError(f"`calibrate`: {len(inputs[0])} images, a call takes {batch}")
    return whole
