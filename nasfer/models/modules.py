"""The modules of the op tree's leaves that torch lacks: learnt scalars, channel readings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from nasfer.models.joins import total


class GlobalMean(nn.Module):
    """Mean over all cells, kept as ``1 x 1``, written as ``x.mean``."""

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C, H, W)`` to ``(N, C, 1, 1)``."""
        return x.mean((2, 3), keepdim=True)


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


class Times(nn.Module):
    """A fixed factor."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        """Map a tensor of any shape to the same shape."""
        return self.factor * x

    def extra_repr(self) -> str:
        """Show the factor."""
        return str(self.factor)


class ChannelConv(nn.Module):
    """A 1-D convolution along the channels, without bias."""

    def __init__(self, kernel: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 1, kernel, padding=kernel // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C, 1, 1)`` to the same shape."""
        mixed: Tensor = self.conv(x.flatten(1).unsqueeze(1))
        return mixed.reshape(x.shape)


class Pointwise(nn.Module):
    """A function of one tensor as a module: what needs no parameters and no state."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self._function = function

    def forward(self, x: Tensor) -> Tensor:
        """Apply the function."""
        return self._function(x)

    def extra_repr(self) -> str:
        """Show the function's name."""
        return getattr(self._function, "__name__", "")


def channel_mean(x: Tensor) -> Tensor:
    """Map ``(N, C, H, W)`` to its mean over channels, ``(N, 1, H, W)``."""
    return x.mean(1, keepdim=True)


def channel_max(x: Tensor) -> Tensor:
    """Map ``(N, C, H, W)`` to its maximum over channels, ``(N, 1, H, W)``."""
    return x.amax(1, keepdim=True)


class RepeatChannels(nn.Module):
    """Channel ``i`` repeated ``counts[i]`` times."""

    def __init__(self, counts: Sequence[int]) -> None:
        super().__init__()
        self.counts = tuple(counts)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, len(counts), H, W)`` to ``(N, sum(counts), H, W)``."""
        maps = x.split(1, dim=1)
        return torch.cat(
            [part.expand(-1, count, -1, -1) for part, count in zip(maps, self.counts)], dim=1
        )


class SumGroups(nn.Module):
    """Sum of ``groups`` equal parts of the channels."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, groups * C, H, W)`` to ``(N, C, H, W)``."""
        return total(list(x.chunk(self.groups, dim=1)))


class Unused(nn.Module):
    """Parameters of a checkpoint that the forward pass never reads; the input passes through."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        """Return the input."""
        return x
