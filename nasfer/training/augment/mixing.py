"""Mixed images with mixed targets: mixup and cutmix, by torchvision."""

from __future__ import annotations

import torch
from torch import Tensor
from torchvision.transforms import v2  # type: ignore[import-untyped]

from nasfer.training.randomness import seeding_the_global_one
from nasfer.training.recipe import Recipe


def mix(
    images: Tensor, targets: Tensor, recipe: Recipe, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Mix each image of a batch with the one before it, and their targets in the same shares.

    With both ``mixup`` and ``cutmix``, a batch has one or the other, equally likely. The share is
    one draw a batch.

    Args:
        images: ``(B, C, H, W)`` float, in random order.
        targets: ``(B, K)`` distributions.
        generator: on the CPU.
    Returns:
        Images, and targets, which are still distributions; the given ones where both are off.
    Source: Zhang et al., ICLR 2018, arXiv:1710.09412; Yun et al., ICCV 2019, arXiv:1905.04899.
    Example:
        >>> images, targets = torch.ones(2, 1, 4, 4), torch.eye(2)
        >>> _, mixed = mix(images, targets, Recipe(mixup=1.0), torch.Generator().manual_seed(0))
        >>> torch.allclose(mixed.sum(1), torch.ones(2))
        True
    """
    ways = []
    if recipe.mixup:
        ways.append(v2.MixUp(alpha=recipe.mixup))
    if recipe.cutmix:
        ways.append(v2.CutMix(alpha=recipe.cutmix))
    if not ways:
        return images, targets
    with seeding_the_global_one(generator):
        way = ways[int(torch.randint(len(ways), ()))]
        mixed_images, mixed_targets = way(images, targets.float())
    return mixed_images, mixed_targets
