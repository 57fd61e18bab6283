"""A canvas for a batch of pictures, and the soft-edged shapes that are painted on it.

Shapes are signed distances on the pixel grid, positive inside. Only operations that IEEE 754
rounds exactly are used (no fused or transcendental ones), so a pixel never depends on the batch.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

Colour = list[Tensor]
"""One value a channel, each ``(N, 1, 1)`` or of the canvas."""


class Canvas:
    """Channels of a batch of pictures, each ``(N, H, W)`` float32 about 0 to 1, painted in turn.

    Example:
        >>> canvas = Canvas([torch.zeros(1, 2, 2)])
        >>> canvas.paint(torch.tensor([[[0.0, 0.5], [1.0, 1.0]]]), [torch.tensor(0.8)])
        >>> canvas.channels[0]
        tensor([[[0.0000, 0.4000],
                 [0.8000, 0.8000]]])
    """

    def __init__(self, channels: Sequence[Tensor]) -> None:
        self.channels = list(channels)

    def paint(self, mask: Tensor, colour: Colour) -> None:
        """Blend a colour in; ``mask`` is ``(N, H, W)``, 0 to 1."""
        for channel, value in zip(self.channels, colour):
            channel.add_((value - channel).mul_(mask))

    def darken(self, mask: Tensor) -> None:
        """Multiply by ``1 - mask``."""
        keep = 1 - mask
        for channel in self.channels:
            channel.mul_(keep)


def soft(distance: Tensor, sharp: Tensor) -> Tensor:
    """Turn signed distance into cover, 0 to 1, in place; ``sharp`` is 1 / width of the edge.

    Example:
        >>> soft(torch.tensor([-1.0, 0.0, 0.25, 1.0]), torch.tensor(1.0))
        tensor([0.0000, 0.5000, 0.7500, 1.0000])
    """
    return distance.mul_(sharp).add_(0.5).clamp_(0, 1)


def both(first: Tensor, second: Tensor) -> Tensor:
    """Signed distance of what is in two shapes, about; reuses the first."""
    return torch.minimum(first, second, out=first)


def disc(dx: Tensor, dy: Tensor, radius: Tensor) -> Tensor:
    """Signed distance of a circle, by the offsets from its centre.

    Example:
        >>> disc(torch.tensor(3.0), torch.tensor(4.0), torch.tensor(6.0))
        tensor(1.)
    """
    return radius - (dx * dx + dy * dy).sqrt_()


def line(x: Tensor, y: Tensor, ends: tuple[Tensor, Tensor, Tensor, Tensor], half: float) -> Tensor:
    """Signed distance of a straight stroke with round ends.

    Args:
        x: of the pixels; y likewise.
        ends: x and y of one end, x and y of the other.
        half: half the width.
    """
    x0, y0, x1, y1 = ends
    across, down = x1 - x0, y1 - y0
    scale = 1 / (across * across + down * down)
    dx, dy = x - x0, y - y0
    along = (dx * (across * scale)).add_(dy * (down * scale)).clamp_(0, 1)
    dx.sub_(along * across)
    dy.sub_(along.mul_(down))
    return half - dx.mul_(dx).add_(dy.mul_(dy)).sqrt_()


def stroke(u: Tensor, off: Tensor, half: Tensor | float, size: Tensor) -> Tensor:
    """Signed distance of a stroke along a curve.

    Args:
        u: position along the curve, -1 to 1 between its ends.
        off: distance from the curve, signed; used up.
        half: half the width.
        size: length of one unit of ``u``.
    """
    return both((1 - u.abs()).mul_(size), half - off.abs_())
