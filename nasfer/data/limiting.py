"""A part of the training images in which every class keeps its share, and smaller parts nest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from nasfer.errors import DataError


def stratified(
    labels: Sequence[int],
    names: Sequence[str],
    limit: int,
    *,
    seed: int,
    class_names: Sequence[str],
) -> list[int]:
    """Return the places of the images that a limit leaves, in their order.

    A class of ``n`` of all ``N`` images keeps ``limit * n / N`` of them, rounded down or up. The
    images of a smaller limit are among those of a larger one. The choice depends on seed, classes
    and the order of the names, not on the order of the images.

    Args:
        labels: the class of each image.
        names: of the images.
        limit: images at most; from their number on, all stay.
        seed: of the choice.
        class_names: for the message.
    Raises:
        DataError: a class that has images would be left without one.
    Cost: ``limit`` times the number of classes.
    Example:
        >>> labels = [0] * 6 + [1] * 3
        >>> [labels[place] for place in stratified(
        ...     labels, "abcdefghi", 3, seed=0, class_names=["fear", "anger"])]
        [0, 0, 1]
    """
    if limit >= len(labels):
        return list(range(len(labels)))
    sizes = [count for _, count in sorted(Counter(labels).items())]
    there = sorted(set(labels))
    counts = _shares(sizes, limit)
    if 0 in counts:
        lost = [class_names[label] for label, count in zip(there, counts) if not count]
        raise DataError(
            f"`data`: limit={limit} leaves no training image of {', '.join(lost)};"
            f" {_least(sizes)} or more are needed"
        )
    rng = np.random.default_rng(seed)
    chosen: list[int] = []
    for label, count in zip(there, counts):
        places = [place for place, one in enumerate(labels) if one == label]
        places.sort(key=names.__getitem__)
        chosen += [places[index] for index in rng.permutation(len(places))[:count]]
    return sorted(chosen)


def _shares(sizes: Sequence[int], limit: int) -> list[int]:
    """Return how many images each class gives."""
    counts = [0] * len(sizes)
    for place, _ in zip(_turns(sizes), range(limit)):
        counts[place] += 1
    return counts


def _least(sizes: Sequence[int]) -> int:
    """Return the smallest limit that leaves every class an image."""
    wanting = set(range(len(sizes)))
    for number, place in enumerate(_turns(sizes), 1):
        wanting.discard(place)
        if not wanting:
            return number
    return sum(sizes)


def _turns(sizes: Sequence[int]) -> Iterator[int]:
    """Yield classes, image by image, so that every beginning holds each class' share.

    Largest remainders, and divisors alone, do not do both: the former do not nest, the latter miss
    a share by more than one.

    Source: Balinski and Young, "The quota method of apportionment", Amer. Math. Monthly 82, 1975.
    """
    total, counts = sum(sizes), [0] * len(sizes)
    for number in range(1, total + 1):
        below = [k for k, size in enumerate(sizes) if counts[k] * total < number * size]
        place = min(below, key=lambda k: ((counts[k] + 1) / sizes[k], k))
        counts[place] += 1
        yield place
