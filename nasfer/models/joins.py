"""The modules of the op tree's combinators: links, gates, branches, folds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import torch
from torch import Tensor, nn
from torch.nn import functional

from nasfer.arch.shapes import quadrant_cut


class ResidualLink(nn.Module):
    """``body(x) + shortcut(x)``, or ``+ x`` without a shortcut.

    Attributes:
        drop: what training does to the body's output, such as stochastic depth; a recipe's.
    """

    def __init__(self, body: nn.Module, shortcut: nn.Module | None) -> None:
        super().__init__()
        self.body = body
        self.shortcut = shortcut
        self.drop: nn.Module = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C, H, W)`` to ``(N, C', H', W')``."""
        body: Tensor = self.drop(self.body(x))
        return body + (x if self.shortcut is None else self.shortcut(x))


class Gated(nn.Module):
    """``x * body(x)``, the gate broadcast over what it lacks."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C, H, W)`` to the same shape."""
        return x * self.body(x)


class Branches(nn.Module):
    """Several modules that read the same input, joined by ``join``."""

    def __init__(
        self, branches: Sequence[nn.Module], join: Callable[[list[Tensor]], Tensor]
    ) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)
        self._join = join

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C, H, W)`` to ``(N, C', H', W')``."""
        return self._join([branch(x) for branch in self.branches])


def total(parts: list[Tensor]) -> Tensor:
    """Add tensors of one shape."""
    return reduce(torch.add, parts)


def product(parts: list[Tensor]) -> Tensor:
    """Multiply tensors, broadcast."""
    return reduce(torch.mul, parts)


def concat(parts: list[Tensor]) -> Tensor:
    """Join tensors along the channels."""
    return torch.cat(parts, dim=1)


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
        """Map ``(N, C, H, W)`` to the same shape; the body sees ``(N*groups, C/groups, H, W)``."""
        images = x.shape[0]
        folded = self.body(x.reshape(images * self.groups, -1, *x.shape[2:]))
        unfolded: Tensor = folded.reshape(images, -1, *folded.shape[2:])
        return unfolded


class Quadrants(nn.Module):
    """One module for each quadrant: top left, bottom left, top right, bottom right."""

    def __init__(self, branches: Sequence[nn.Module], stride: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C, H, W)`` to ``(N, C', H', W')``."""
        top, left = quadrant_cut(x.shape[2], self.stride), quadrant_cut(x.shape[3], self.stride)
        parts = (
            x[:, :, :top, :left], x[:, :, top:, :left], x[:, :, :top, left:], x[:, :, top:, left:],
        )  # fmt: skip
        done = [branch(part) for branch, part in zip(self.branches, parts)]
        return torch.cat([torch.cat(done[:2], dim=2), torch.cat(done[2:], dim=2)], dim=3)


class Resized(nn.Module):
    """``body``, then bilinear back to the size of its input."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, C, H, W)`` to ``(N, C', H, W)``."""
        size = x.shape[2:]
        return functional.interpolate(self.body(x), size=size, mode="bilinear", align_corners=False)


class Outputs(nn.Module):
    """Several outputs of one input."""

    def __init__(self, branches: Sequence[nn.Module]) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return one output a branch."""
        return tuple(branch(x) for branch in self.branches)
