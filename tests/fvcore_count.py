"""fvcore's FLOPs of a network: what the cost reader must equal."""

from __future__ import annotations

import warnings

import torch
from torch import nn

with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)  # fvcore uses torch.jit.script
    from fvcore.nn import FlopCountAnalysis  # type: ignore[import-untyped]


def fvcore_flops(model: nn.Module, *shape: int) -> int:
    """Count one forward pass in eval mode on zeros of ``shape``, such as 1, 3, 48, 48."""
    inputs: tuple[torch.Tensor, ...] = (torch.zeros(shape),)
    if getattr(model, "reads_landmarks", False):
        inputs = (*inputs, torch.zeros(1, 5, 2))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # tracing is many small steps: five times faster so
    try:
        analysis = FlopCountAnalysis(model.eval(), inputs)
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        analysis.tracer_warnings("none")
        return int(analysis.total())
    finally:
        torch.set_num_threads(threads)
