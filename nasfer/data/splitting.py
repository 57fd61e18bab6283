"""Stratified seeded splits: the same share of every class, the same images for the same seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nasfer.data.listing import Item


def hold_out(items: Sequence[Item], share: float, *, seed: int) -> tuple[list[Item], list[Item]]:
    """Divide images into those that stay and a share of every class that is held out.

    A class of two images or more gives at least one, and keeps at least one; a single image stays.
    The choice depends on the images' names, not on their order.

    Args:
        items: the images.
        share: to hold out, between 0 and 1.
        seed: of the choice.
    Returns:
        The images that stay and those held out, both in their order.
    Example:
        >>> items = [Item(f"{i}.png", (float(i < 4), float(i >= 4))) for i in range(10)]
        >>> stay, held = hold_out(items, 0.5, seed=0)
        >>> [item.label for item in held]
        [0, 0, 1, 1, 1]
    """
    rng = np.random.default_rng(seed)
    held: set[str] = set()
    for label in sorted({item.label for item in items}):
        names = sorted(item.name for item in items if item.label == label)
        count = min(max(round(share * len(names)), 1), len(names) - 1)
        held |= {names[place] for place in rng.permutation(len(names))[:count]}
    return (
        [item for item in items if item.name not in held],
        [item for item in items if item.name in held],
    )
