"""What a user may ask of any data set: the size of val, and which training images are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nasfer.errors import DataError
from nasfer.registry import nearest

DROPS = ("leakage", "contradictory", "duplicates")
"""Faults whose training images can be left out, in the order in which they are counted."""

COMMON = {
    "val": "share of train that becomes val where a set has none; 0.1",
    "limit": "training images at most; every class keeps its share, to within one image",
    "seed": "of limit's choice; 0",
    "drop": f"training images to leave out: {', '.join(DROPS)}, joined by +",
}
"""Options that every data set has, and their meaning; a set's own of the same name wins."""

OF_FILES = ("drop",)
"""Those of them that sets of files alone have: others hold no picture twice."""

LARGEST = 10**18
"""Of limit and seed."""


@dataclass(frozen=True)
class Choice:
    """Which images of the training split are read; val and test stay whole.

    Args:
        limit: at most so many; ``None`` is all. The images of a smaller limit are among those of a
            larger one.
        seed: of the limit's choice, whatever the seed of a training.
        drop: of `DROPS`.
    """

    limit: int | None = None
    seed: int = 0
    drop: tuple[str, ...] = ()


def read_choice(options: Mapping[str, str]) -> Choice:
    """Return what the options ``limit``, ``seed`` and ``drop`` say; others are not looked at.

    Raises:
        DataError: a value is not allowed, or ``seed`` stands without ``limit``.
    Example:
        >>> read_choice({"limit": "1000", "drop": "duplicates+leakage"})
        Choice(limit=1000, seed=0, drop=('leakage', 'duplicates'))
    """
    limit = _number("limit", options["limit"], 1) if "limit" in options else None
    if limit is None and "seed" in options:
        raise DataError("`data`: seed: of limit's choice, and no limit is given")
    return Choice(limit, _number("seed", options.get("seed", "0"), 0), _drops(options.get("drop")))


def _number(name: str, text: str, least: int) -> int:
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST))
    if not digits or not least <= int(text) <= LARGEST:
        raise DataError(f"`data`: {name}={text[:60]}; a whole number from {least} on is allowed")
    return int(text)


def _drops(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    named = [name.strip() for name in text.split("+")]
    for name in named:
        if name not in DROPS:
            known = nearest(name, list(DROPS))
            raise DataError(f"`data`: drop={text[:60]}: unknown {name[:60]!r}{known}")
        if named.count(name) > 1:
            raise DataError(f"`data`: drop={text[:60]}: {name} is named twice")
    return tuple(name for name in DROPS if name in named)
