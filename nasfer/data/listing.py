"""A data set before its images are read: which files there are, in which split, of which class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nasfer.errors import DataError

UNSPLIT = "all"
"""The one split of a listing that has none; `nasfer.data.assembling` divides it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One image of a listing.

    Args:
        name: what users see: its path, or ``fer2013.csv:17``.
        target: distribution over the listing's classes.
        file: where it lies, or ``None`` with ``pixels``.
        pixels: ``(H, W)`` uint8, of data sets that keep images in a table.
        box: part of the file that is the face, ``(left, top, right, bottom)`` in pixels.
        landmarks: ``(5, 2)`` float32 in 224-pixel coordinates.
        listed: ``list.txt:17`` where a list names the image, for messages.
        fault: why the image cannot be used whatever its file holds; empty if it can.
    """

    name: str
    target: tuple[float, ...]
    file: Path | None = None
    pixels: NDArray[np.uint8] | None = None
    box: tuple[int, int, int, int] | None = None
    landmarks: NDArray[np.float32] | None = None
    listed: str = ""
    fault: str = ""

    @property
    def label(self) -> int:
        """The most likely class."""
        return max(range(len(self.target)), key=self.target.__getitem__)


@dataclass(frozen=True)
class Listing:
    """What a data set's folders, lists or tables say.

    Args:
        name: of the data set.
        root: its path, for messages.
        class_names: canonical names in canonical order.
        splits: ``train``, and ``val`` and ``test`` where the set has them; or `UNSPLIT` alone.
        notes: what a user should see once.
    Raises:
        DataError: fewer than two classes, an empty split, or one image twice in the listing.
    """

    name: str
    root: Path
    class_names: tuple[str, ...]
    splits: Mapping[str, Sequence[Item]]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for split, items in self.splits.items():
            if not items:
                raise DataError(f"{self.root}: empty split: no image in {split}")
        main = next(iter(self.splits))
        found = {item.label for item in self.splits[main]}
        if len(found) < 2:
            only = ", ".join(self.class_names[label] for label in sorted(found))
            raise DataError(
                f"{self.root}: {main} holds one class only, {only}; at least two are needed"
            )
        counted = Counter(item.name for items in self.splits.values() for item in items)
        for name, times in counted.items():
            if times > 1:
                raise DataError(f"{self.root}: {name} is listed {times} times; once is allowed")

    @property
    def items(self) -> list[Item]:
        """All images, split by split."""
        return [item for items in self.splits.values() for item in items]


def one_hot(label: int, classes: int) -> tuple[float, ...]:
    """Return the distribution that is all on one class.

    Example:
        >>> one_hot(1, 3)
        (0.0, 1.0, 0.0)
    """
    return tuple(float(place == label) for place in range(classes))
