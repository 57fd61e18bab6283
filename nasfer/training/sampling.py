"""The order of images in an epoch, a function of seed and epoch alone, so that a run resumes."""

from __future__ import annotations

import torch
from torch import Tensor

from nasfer.training.randomness import seeded


def epoch_order(labels: Tensor, *, balanced: bool, seed: int, epoch: int) -> Tensor:
    """Return the indices of an epoch's images in their order.

    Args:
        labels: ``(N,)`` int64 classes of the images.
        balanced: draw with replacement, each image as likely as its class is rare, so that all
            classes that occur are drawn equally often on average; else a permutation.
    Returns:
        ``(N,)`` int64.
    Example:
        >>> epoch_order(torch.zeros(4, dtype=torch.long), balanced=False, seed=0, epoch=0).sort()[0]
        tensor([0, 1, 2, 3])
    """
    generator = seeded(seed, epoch, "order")
    if not balanced:
        return torch.randperm(len(labels), generator=generator)
    labels = labels.cpu()
    weights = 1 / torch.bincount(labels).double()[labels]
    return torch.multinomial(weights, len(labels), replacement=True, generator=generator)
