"""The running average of a network's weights, which evaluates better than the last ones."""

from __future__ import annotations

from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

Tensors = tuple[Tensor, ...] | list[Tensor]


class WeightAverage(AveragedModel):
    """Exponential moving average of weights and of batch norm's running statistics.

    ``module`` is the averaged network, in eval mode. Before update ``n`` counted from 0, the decay
    is at most ``(1 + n) / (10 + n)``, so that the start is soon forgotten. The state dict has the
    number of updates too, and resumes exactly.

    Args:
        model: what is averaged; it is copied.
        decay: of the average, a step: 0.999 remembers about 1,000 steps.
    Example:
        >>> import torch
        >>> model = nn.Linear(1, 1, bias=False)
        >>> average = WeightAverage(model, 0.5)
        >>> for value in (0.0, 1.0):
        ...     _ = nn.init.constant_(model.weight, value)
        ...     average.update_parameters(model)
        >>> round(average.module.weight.item(), 4)  # 2/11 of 0 and 9/11 of 1
        0.8182
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        def average(averaged: Tensors, current: Tensors, updates: Tensor | int) -> None:
            done = int(updates)
            now = min(decay, (1 + done) / (10 + done))
            get_ema_multi_avg_fn(now)(averaged, current, updates)

        super().__init__(model, multi_avg_fn=average, use_buffers=True)
        self.module.requires_grad_(False)
        self.eval()
