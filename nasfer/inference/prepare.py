"""From stored pixels to what a network reads: channels, size, normalisation. No randomness."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in grey, ITU-R BT.601, as Pillow has them."""


def to_channels(images: Tensor, channels: int) -> Tensor:
    """Turn ``(N, C, H, W)`` float images grey or coloured.

    Example:
        >>> to_channels(torch.ones(1, 1, 2, 2), 3).shape
        torch.Size([1, 3, 2, 2])
    """
    if images.shape[1] == channels:
        return images
    if channels == 1:
        weights = torch.tensor(LUMA, device=images.device, dtype=images.dtype)
        return (images * weights[:, None, None]).sum(1, keepdim=True)
    return images.expand(-1, channels, -1, -1)


def resize(images: Tensor, resolution: int) -> Tensor:
    """Resize square ``(N, C, H, H)`` float images, bilinear and antialiased."""
    if images.shape[-1] == resolution:
        return images
    return functional.interpolate(
        images, size=(resolution, resolution), mode="bilinear", antialias=True
    )


def normalise(images: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Subtract the mean and divide by the deviation of each channel; empty ones are 0 and 1."""
    if not mean:
        return images
    shift = torch.tensor(mean, device=images.device)[:, None, None]
    scale = torch.tensor(std, device=images.device)[:, None, None]
    return (images - shift) / scale


def prepare(
    images: Tensor,
    *,
    resolution: int,
    channels: int,
    mean: Sequence[float] = (),
    std: Sequence[float] = (),
) -> Tensor:
    """Turn stored images into what a network reads, as in evaluation.

    Args:
        images: ``(N, C, H, H)`` uint8.
        resolution: side of the result, in pixels.
        channels: of the result, 1 or 3.
        mean: of the normalisation, one value a channel of the result, for images of range 0 to 1.
        std: of the normalisation.
    Returns:
        ``(N, channels, resolution, resolution)`` float32.
    Example:
        >>> grey = torch.full((2, 1, 48, 48), 255, dtype=torch.uint8)
        >>> prepare(grey, resolution=96, channels=3, mean=(0.5,) * 3, std=(0.5,) * 3).max()
        tensor(1.)
    """
    scaled = to_channels(images.float() / 255, channels)
    return normalise(resize(scaled, resolution), mean, std)
