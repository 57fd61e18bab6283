"""An exported ONNX file as a network that reads faces: what it says of itself prepares them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from nasfer.arch import Arch, parse_arch
from nasfer.costs.cost import LARGEST_PX
from nasfer.errors import CheckpointError, SpecError
from nasfer.exporting.onnx_file import FAULTS, open_onnx, read_properties
from nasfer.inference.opened import renamed
from nasfer.models import CheckpointInfo
from nasfer.reading import parse_json, read_bytes

LARGEST = 2**31 - 1
"""Bytes of a file; ONNX holds no more in one."""

SUFFIX = ".onnx"
"""Ending of exported files that can be opened again."""


class OnnxNetwork(nn.Module):
    """A network of an exported file, run by onnxruntime on the CPU; float32 or int8.

    Args:
        arch: that was exported.
        content: of the file.
        fixed: images a call, where the file takes no other number.
        output_weights: of its outputs; the logits are their sum so weighted.
    """

    def __init__(
        self, arch: Arch, content: bytes, fixed: int | None, output_weights: Sequence[float]
    ) -> None:
        super().__init__()
        self.arch = arch
        self.reads_landmarks = bool(output_weights)
        self.content = content
        self._run = open_onnx(content)
        self.fixed = fixed
        self._weights = tuple(output_weights) or (1.0,)

    def predict(self, images: Tensor, landmarks: Tensor | None = None) -> Tensor:
        """Map ``(N, C, H, W)`` prepared images, and landmarks, to ``(N, classes)`` logits.

        Raises:
            CheckpointError: the file takes other images, or gives other logits, than it says.
        """
        inputs = (images,) if landmarks is None else (images, landmarks)
        if self.fixed is None:
            return self._logits(inputs)
        parts = zip(*(part.split(self.fixed) for part in inputs))
        return torch.cat([self._logits(tuple(map(self._filled, part))) for part in parts])[
            : len(images)
        ]

    def example_inputs(self, n: int, resolution: int) -> tuple[Tensor, ...]:
        """Return ``n`` zero images, and landmarks of zeros where they are read."""
        images = torch.zeros(n, self.arch.in_channels, resolution, resolution)
        return (images, torch.zeros(n, 5, 2)) if self.reads_landmarks else (images,)

    def _filled(self, part: Tensor) -> Tensor:
        """A call's input, filled up with zeros to the fixed number of images."""
        missing = (self.fixed or 0) - len(part)
        return torch.cat([part, part.new_zeros(missing, *part.shape[1:])])

    def _logits(self, inputs: tuple[Tensor, ...]) -> Tensor:
        try:
            outputs = self._run(tuple(part.cpu().contiguous() for part in inputs))
        except FAULTS as error:
            raise CheckpointError(f"the exported file cannot be run: {error}") from None
        wanted = (len(inputs[0]), self.arch.classes)
        if len(outputs) != len(self._weights) or any(part.shape != wanted for part in outputs):
            raise CheckpointError("the exported file gives other logits than it says")
        return torch.stack([w * part for w, part in zip(self._weights, outputs)]).sum(0)


def open_exported(
    path: str | Path, class_names: Sequence[str] = ()
) -> tuple[OnnxNetwork, CheckpointInfo]:
    """Return the network of an ONNX file of `nasfer.export`, and what it says of itself.

    Args:
        path: of the file, float32 or int8.
        class_names: of the logits, in order, where the file does not name them or names them
            wrongly; empty keeps the file's.
    Raises:
        CheckpointError: no such file, a damaged one, or not of nasfer.
        DataError: a class is no expression.
    """
    path = Path(path)
    content = read_bytes(path, LARGEST, CheckpointError)
    try:
        properties, fixed = read_properties(content)
        arch, info, weights = _described(properties)
        network = OnnxNetwork(arch, content, fixed, weights)
    except KeyError as error:
        raise CheckpointError(f"{path}: not exported by nasfer: it lacks {error}") from None
    except (*FAULTS, ValueError, TypeError, SpecError) as error:
        raise CheckpointError(f"{path}: no ONNX file of nasfer: {error}") from None
    return network, renamed(info, class_names, arch.classes, path)


def _described(
    properties: Mapping[str, str],
) -> tuple[Arch, CheckpointInfo, tuple[float, ...]]:
    """Return what the properties say, checked.

    Raises:
        KeyError: one is missing.
        ValueError: one is not what it should be.
    """
    arch = parse_arch(properties["structure"])
    names = parse_json(properties["class_names"], "class_names", SpecError)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("class_names is no list of names")
    resolution = int(properties["resolution"])
    if not 0 < resolution <= LARGEST_PX:
        raise ValueError(f"resolution: {resolution}; 1 to {LARGEST_PX:,} are allowed")
    mean, std = (_numbers(properties, name) for name in ("mean", "std"))
    if {len(mean), len(std)} - {0, arch.in_channels} or len(mean) != len(std) or 0.0 in std:
        raise ValueError(f"mean and std are not of {arch.in_channels} channels")
    weights = _numbers(properties, "output_weights") if "output_weights" in properties else ()
    return arch, CheckpointInfo(str(arch), tuple(names), resolution, mean, std), weights


def _numbers(properties: Mapping[str, str], name: str) -> tuple[float, ...]:
    values: Any = parse_json(properties[name], name, SpecError)
    if not isinstance(values, list) or not all(
        isinstance(value, int | float) and math.isfinite(value) for value in values
    ):
        raise ValueError(f"{name} is no list of numbers")
    return tuple(map(float, values))
