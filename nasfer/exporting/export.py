"""Export a network: trace, write, and check the written file against torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from nasfer.errors import CheckpointError, UnknownNameError
from nasfer.exporting.description import description
from nasfer.exporting.int8 import to_int8
from nasfer.exporting.onnx_file import open_onnx, to_onnx
from nasfer.exporting.parity import TOLERANCE, Parity, compare
from nasfer.exporting.torch_file import open_torch, to_torch
from nasfer.exporting.tracing import drawn_inputs, input_names, trace
from nasfer.models import CheckpointInfo, Network
from nasfer.runfolder import write_atomic

Format = Literal["onnx", "torch-export"]
FORMATS: dict[str, str] = {"onnx": ".onnx", "torch-export": ".pt2"}
"""Formats, and the usual endings of their files."""

CHECKED = (1, 3, 4)
"""Images of the calls that a file of dynamic batch is checked by."""

CALIBRATED = 32
"""Images drawn for calibration where none are given."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and how well it agrees.

    Args:
        path: of the file.
        size: of the file, in bytes.
        float_size: of the float32 file, in bytes; differs for int8 only.
        parity: of the written file, loaded again.
        quantized: whether it is int8, which is judged by agreement, not by the gap.
    """

    path: Path
    size: int
    float_size: int
    parity: Parity
    quantized: bool

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
    calibration: Sequence[Tensor] = (),
    seed: int = 0,
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
        calibration: prepared faces, ``(1, C, H, W)`` images and, where the network reads them,
            ``(1, 5, 2)`` landmarks each; agreement of int8 is measured on them, too. Empty: drawn.
        seed: of drawn images.
    Raises:
        CheckpointError: the resolution is unknown.
        UnknownNameError: no such format, or int8 in another than ONNX.
    """
    if format not in FORMATS:
        raise UnknownNameError(f"--format: unknown {format!r}; allowed: {', '.join(FORMATS)}")
    if int8 and format != "onnx":
        raise UnknownNameError(f"--quantize: int8 is for --format onnx, not {format}")
    side = resolution or info.resolution
    if not side:
        raise CheckpointError("resolution: unknown for this network; give --resolution, in pixels")
    model = model.cpu().eval()
    rng = torch.Generator().manual_seed(seed)
    told = description(model, info, side)
    program = trace(model, side, batch)
    checks = [drawn_inputs(model, side, n, rng) for n in ([batch] if batch else CHECKED)]
    if format == "torch-export":
        content = to_torch(program, told)
        write_atomic(path, content)
        return Exported(path, len(content), len(content), compare(model, open_torch(path), checks), False)
    content = single = to_onnx(program, model, told)
    if int8:
        faces = _calls(calibration, model, side, batch, rng)
        content = to_int8(single, input_names(model), faces, told)
        checks = faces
    write_atomic(path, content)
    parity = compare(model, open_onnx(path), checks)
    return Exported(path, len(content), len(single), parity, int8)
