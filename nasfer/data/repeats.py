"""Images that show the same: within a split, across splits, under one class or several."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nasfer.data.listing import Item

Placed = tuple[str, Item]
"""An image and its split."""


@dataclass(frozen=True)
class Repeat:
    """Two images or more that show the same pixels.

    Args:
        members: split by split, in their order.
    """

    members: tuple[Placed, ...]

    @property
    def leaks(self) -> bool:
        """Whether they stand in more than one split."""
        return len({split for split, _ in self.members}) > 1

    @property
    def contradicts(self) -> bool:
        """Whether they are of more than one class."""
        return len({item.label for _, item in self.members}) > 1

    def of(self, split: str) -> list[Item]:
        """Return the members of a split."""
        return [item for there, item in self.members if there == split]


def find_repeats(splits: Mapping[str, Sequence[Item]], shown: Mapping[str, object]) -> list[Repeat]:
    """Return all groups of images that show the same.

    Args:
        splits: the images.
        shown: a text for each image, by its name, equal for those that show the same
            (`nasfer.data.decoding.content`); what is no text could not be read.
    """
    groups: dict[str, list[Placed]] = defaultdict(list)
    for split, items in splits.items():
        for item in items:
            key = shown[item.name]
            if isinstance(key, str):
                groups[key].append((split, item))
    return [Repeat(tuple(group)) for group in groups.values() if len(group) > 1]
