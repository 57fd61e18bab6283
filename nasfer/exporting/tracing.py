"""The graph of a network: example inputs, their names, and the trace that both formats keep."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch.export import Dim, ExportedProgram

from nasfer.models import Network

EXAMPLES = 2
"""Images of the example batch where the batch is dynamic: torch.export takes 1 for a constant."""


def input_names(model: Network) -> tuple[str, ...]:
    """Return the names of the inputs of an exported network."""
    return ("images", "landmarks") if model.reads_landmarks else ("images",)


def output_names(model: Network) -> tuple[str, ...]:
    """Return the names of the outputs: ``logits``, or one a branch."""
    if not model.reads_landmarks:
        return ("logits",)
    return tuple(f"logits_{index}" for index in range(len(model.output_weights)))


def trace(model: Network, resolution: int, batch: int | None) -> ExportedProgram:
    """Trace a network.

    Args:
        model: in evaluation mode, on the CPU.
        resolution: side of the images, in pixels; the graph takes no other.
        batch: images a call; ``None``: any number.
    """
    inputs = model.example_inputs(batch or EXAMPLES, resolution, torch.Generator().manual_seed(0))
    axes: tuple[Any, ...] | None = None
    if batch is None:
        axes = ({0: Dim("batch")},) * len(inputs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's about itself
        return torch.export.export(model, inputs, dynamic_shapes=axes, strict=False)
