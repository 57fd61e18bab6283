"""The graph of a network: example inputs, their names, and the trace that both formats keep."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor
from torch.export import Dim, ExportedProgram

from nasfer.models import FRONTAL_FACE, LandmarkNetwork, Network

LANDMARK_NOISE_PX = 8.0
"""Deviation of drawn landmarks from the frontal face, in pixels of a 224-pixel image."""

EXAMPLES = 2
"""Images of the example batch where the batch is dynamic: torch.export takes 1 for a constant."""


def drawn_inputs(
    model: Network, resolution: int, count: int, generator: torch.Generator
) -> tuple[Tensor, ...]:
    """Draw inputs of a network: normal images, and landmarks near a frontal face if it reads them.

    Args:
        resolution: side of the images, in pixels.
        count: number of images.
        generator: of the randomness.
    Returns:
        ``(count, C, H, W)`` images and, where the network reads them, ``(count, 5, 2)`` landmarks.
    """
    shape = (count, model.arch.in_channels, resolution, resolution)
    images = torch.randn(shape, generator=generator)
    if not isinstance(model, LandmarkNetwork):
        return (images,)
    noise = LANDMARK_NOISE_PX * torch.randn((count, 5, 2), generator=generator)
    return images, torch.tensor(FRONTAL_FACE) + noise


def input_names(model: Network) -> tuple[str, ...]:
    """Return the names of the inputs of an exported network."""
    return ("images", "landmarks") if isinstance(model, LandmarkNetwork) else ("images",)


def output_names(model: Network) -> tuple[str, ...]:
    """Return the names of the outputs: ``logits``, or one a branch."""
    if not isinstance(model, LandmarkNetwork):
        return ("logits",)
    return tuple(f"logits_{index}" for index in range(len(model.output_weights)))


def trace(model: Network, resolution: int, batch: int | None) -> ExportedProgram:
    """Trace a network.

    Args:
        model: in evaluation mode, on the CPU.
        resolution: side of the images, in pixels; the graph takes no other.
        batch: images a call; ``None``: any number.
    """
    inputs = drawn_inputs(model, resolution, batch or EXAMPLES, torch.Generator().manual_seed(0))
    axes: tuple[Any, ...] | None = None
    if batch is None:
        axes = ({0: Dim("batch")},) * len(inputs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's about itself
        return torch.export.export(model, inputs, dynamic_shapes=axes, strict=False)
