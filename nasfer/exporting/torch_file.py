"""The file of ``torch.export``: the graph, run by torch without nasfer."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor
from torch.export import ExportedProgram

from nasfer.exporting.parity import Run

DESCRIPTION = "nasfer.json"
"""Name of the description inside the file (``torch.export.load(..., extra_files=)``)."""


def to_torch(program: ExportedProgram, metadata: Mapping[str, str]) -> bytes:
    """Return a file of ``torch.export.save`` that holds its description."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's about itself
        torch.export.save(program, buffer, extra_files={DESCRIPTION: json.dumps(dict(metadata))})
    return buffer.getvalue()


def open_torch(path: Path) -> Run:
    """Return a function that runs such a file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = torch.export.load(path).module()

    def run(inputs: tuple[Tensor, ...]) -> list[Tensor]:
        with torch.no_grad():
            outputs = module(*inputs)
        return list(outputs) if isinstance(outputs, tuple) else [outputs]

    return run
