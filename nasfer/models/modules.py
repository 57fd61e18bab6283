"""The torch modules that torch lacks: gates, folds, splits, learnt scalars."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class ResidualLink(nn.Module):
    """``body(x) + shortcut(x)``, or ``+ x`` without a shortcut."""

    def __init__(self, body: nn.Module, shortcut: nn.Module | None) -> None:
        super().__init__()
        self.body = body
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C, H, W)`` to ``(N, C', H', W')``."""
        return self.body(x) + (x if self.shortcut is None else self.shortcut(x))


class Gated(nn.Module):
    """``x * body(x)``, the gate broadcast over what it lacks."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C, H, W)`` to the same shape."""
        return x * self.body(x)


class SumOfBranches(nn.Module):
    """Sum of what the branches make of the same input."""

    def __init__(self, branches: Sequence[nn.Module]) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C, H, W)`` to ``(N, C', H', W')``."""
        first, *others = self.branches
        total: Tensor = first(x)
        for branch in others:
            total = total + branch(x)
        return total


class SplitChannels(nn.Module):
    """Equal parts of the channels, a branch for each, and concatenation."""

    def __init__(self, branches: Sequence[nn.Module]) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C, H, W)`` to ``(N, C', H', W')``."""
        parts = x.chunk(len(self.branches), dim=1)
        return torch.cat([branch(part) for branch, part in zip(self.branches, parts)], dim=1)


class FoldGroups(nn.Module):
    """Groups of channels moved into the batch axis around ``body``."""

    def __init__(self, groups: int, body: nn.Module) -> None:
        super().__init__()
        self.groups = groups
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C, H, W)`` to the same shape; the body sees ``(N * groups, C / groups, H, W)``."""
        images = x.shape[0]
        folded = self.body(x.reshape(images * self.groups, -1, *x.shape[2:]))
        unfolded: Tensor = folded.reshape(images, -1, *folded.shape[2:])
        return unfolded


class ChannelAffine(nn.Module):
    """A learnt weight and bias for each channel; weight 0 and bias 1 at the start."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.bias = nn.Parameter(torch.ones(1, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C, H, W)`` to the same shape."""
        return self.weight * x + self.bias


class Scale(nn.Module):
    """One learnt scalar, 1 at the start."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        """Map a tensor of any shape to the same shape."""
        return self.scale * x
