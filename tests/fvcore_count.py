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
    analysis = FlopCountAnalysis(model.eval(), torch.zeros(shape))
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    return int(analysis.total())
