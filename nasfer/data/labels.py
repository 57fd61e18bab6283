"""Expressions: one canonical order inside, every spelling that data sets use, maps by name.

A wrong guess of the order ruins a result silently, so classes are joined by name alone, and names
that differ are an error.
"""

from __future__ import annotations

from collections.abc import Sequence

from nasfer.errors import DataError
from nasfer.registry import nearest

EXPRESSIONS = (
    "neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt",
)  # fmt: skip
"""The canonical order; sets of seven classes lack the last one."""

_SPELLINGS = {
    "neutral": ("natural", "neutrality", "normal"),
    "happiness": ("happy", "joy", "smile"),
    "sadness": ("sad",),
    "surprise": ("surprised",),
    "fear": ("fearful", "afraid", "scared"),
    "disgust": ("disgusted",),
    "anger": ("angry",),
    "contempt": ("contemptuous",),
}
_KNOWN = {name: name for name in EXPRESSIONS} | {
    spelling: name for name, spellings in _SPELLINGS.items() for spelling in spellings
}


def expression(name: str, where: str = "class") -> str:
    """Return the canonical name of an expression, whatever its spelling.

    Args:
        where: the place of the name, for the message.
    Raises:
        DataError: no such expression; the message holds the nearest one.
    Example:
        >>> expression("Happy"), expression("anger")
        ('happiness', 'anger')
    """
    spelled = name.strip().lower()
    if spelled not in _KNOWN:
        known = nearest(spelled, list(_KNOWN))
        raise DataError(f"{where}: {name[:100]!r} is no expression{known}")
    return _KNOWN[spelled]


def canonical(names: Sequence[str], where: str = "classes") -> tuple[str, ...]:
    """Return expressions in canonical order.

    Raises:
        DataError: a name is unknown or named twice.
    Example:
        >>> canonical(["anger", "happy", "neutral"])
        ('neutral', 'happiness', 'anger')
    """
    known = [expression(name, where) for name in names]
    for name in known:
        if known.count(name) > 1:
            raise DataError(f"{where}: {name} is named twice")
    return tuple(name for name in EXPRESSIONS if name in known)


def columns_by_name(theirs: Sequence[str], ours: Sequence[str], where: str) -> list[int]:
    """Return for each of our classes the place of the same class among theirs.

    So ``logits[:, columns_by_name(theirs, ours, ...)]`` are in our order.

    Args:
        where: what has their classes, for the message.
    Raises:
        DataError: the two are not the same set of classes.
    Example:
        >>> columns_by_name(["happy", "sad", "neutral"], ["neutral", "happiness", "sadness"], "m")
        [2, 0, 1]
    """
    named, wanted = canonical(theirs, where), canonical(ours, where)
    if named != wanted:
        odd = sorted(set(named) ^ set(wanted), key=EXPRESSIONS.index)
        raise DataError(
            f"{where}: {len(theirs)} classes, the data has {len(ours)}; not in both:"
            f" {', '.join(odd)}"
        )
    spelled = [expression(name, where) for name in theirs]
    return [spelled.index(expression(name, where)) for name in ours]
