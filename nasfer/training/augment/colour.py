"""Random changes of pixels in place: light, colour, policies, erased rectangles; one draw an image.

torchvision's transforms draw once for a batch; those here that it has as plain arithmetic are
written over a batch instead, and equal its functions image by image.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torchvision.transforms import v2  # type: ignore[import-untyped]

from nasfer.inference.prepare import to_channels
from nasfer.training.randomness import seeding_the_global_one, uniform

ERASED_AREA = (0.02, 0.33)
"""Share of the area of an erased rectangle, as in torchvision's RandomErasing."""

ERASED_RATIO = 3.3
"""Largest ratio of its sides, either way."""

POLICIES: dict[str, Callable[[], Callable[[Tensor], Tensor]]] = {
    "autoaugment": v2.AutoAugment,
    "randaugment": v2.RandAugment,
}


def by_policy(images: Tensor, name: str, generator: torch.Generator) -> Tensor:
    """Apply a policy of torchvision to each ``(B, C, H, W)`` float image of range 0 to 1.

    Policies turn and shear too. Every image has its own draw, so this is the slowest augmentation.
    """
    policy = POLICIES[name]()
    pixels = (images * 255).round().to(torch.uint8)
    with seeding_the_global_one(generator):
        return torch.stack([policy(image) for image in pixels]).float() / 255


def jitter(images: Tensor, most: float, generator: torch.Generator) -> Tensor:
    """Change brightness, then contrast, then saturation, each by a factor of 1 up to ``most``.

    Args:
        images: ``(B, C, H, W)`` float of range 0 to 1; grey ones have no saturation.
    """
    factors = [
        uniform(generator, len(images), 1 - most, 1 + most, images.device)[:, None, None, None]
        for _ in range(3)
    ]
    bright = (images * factors[0]).clamp(0, 1)
    mean = to_channels(bright, 1).mean((1, 2, 3), keepdim=True)
    contrasted = torch.lerp(mean, bright, factors[1]).clamp(0, 1)
    if images.shape[1] == 1:
        return contrasted
    return torch.lerp(to_channels(contrasted, 1), contrasted, factors[2]).clamp(0, 1)


def grey_out(images: Tensor, probability: float, generator: torch.Generator) -> Tensor:
    """Take the colour out of some ``(B, C, H, W)`` images."""
    chosen = uniform(generator, len(images), 0, 1, images.device) < probability
    return torch.where(chosen[:, None, None, None], to_channels(images, 1), images)


def erase(images: Tensor, probability: float, generator: torch.Generator) -> Tensor:
    """Set a rectangle to 0 in some ``(B, C, H, W)`` normalised images, which is their mean.

    Source: Zhong et al., AAAI 2020, arXiv:1708.04896, with torchvision's areas and ratios. A
    rectangle that is longer than the image is cut to it, where torchvision draws again.
    """
    count, _, height, width = images.shape

    def draw(low: float, high: float) -> Tensor:
        return uniform(generator, count, low, high, images.device)[:, None, None]

    chosen = draw(0, 1) < probability
    side, root = draw(*ERASED_AREA).sqrt(), (draw(-1, 1) * math.log(ERASED_RATIO) / 2).exp()
    tall = (side * root * height).round().clamp(1, height)
    wide = (side / root * width).round().clamp(1, width)
    top = (draw(0, 1) * (height - tall + 1)).floor()
    left = (draw(0, 1) * (width - wide + 1)).floor()
    rows = torch.arange(height, device=images.device)[None, :, None]
    columns = torch.arange(width, device=images.device)[None, None, :]
    inside = (rows >= top) & (rows < top + tall) & (columns >= left) & (columns < left + wide)
    return images * ~(inside & chosen)[:, None]
