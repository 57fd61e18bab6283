"""Numbers as users write them: ``450M``, ``1.5G``, ``320k``; and times as they read them."""

from __future__ import annotations

import re

from nasfer.errors import BudgetError

_QUANTITY = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)\s*(?P<suffix>[kKMG]?)")
_FACTORS = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9}


LARGEST_COUNT = 10**18
"""Of parameters, FLOPs and whatever else is counted."""

LONGEST = 60
"""Letters of a quantity; of longer ones so many are shown."""


def parse_quantity(text: str | int | float, what: str) -> int:
    """Read a positive count with an optional suffix k, M or G.

    Args:
        what: the argument, in backticks, or the field, for the message.
    Raises:
        BudgetError: anything else.
    Example:
        >>> parse_quantity("450M", "`budget`"), parse_quantity("1.5k", "`budget`")
        (450000000, 1500)
        >>> parse_quantity("450Q", "`budget`")
        Traceback (most recent call last):
        nasfer.errors.BudgetError: `budget`: '450Q' is not a number with suffix k, M or G
    """
    written = "a very large number" if _is_huge(text) else str(text).strip()
    shown = repr(text) if len(written) <= LONGEST else f"{written[:LONGEST]!r}..."
    match = _QUANTITY.fullmatch(written[: LONGEST + 1])
    if _is_huge(text) or (match and len(written) > LONGEST):
        raise BudgetError(f"{what}: {written[:LONGEST]}... is over {LARGEST_COUNT:.0e}")
    value = float(match["number"]) * _FACTORS[match["suffix"]] if match else 0.0
    if match is None or isinstance(text, bool):
        raise BudgetError(f"{what}: {shown} is not a number with suffix k, M or G")
    if value < 1:
        raise BudgetError(f"{what}: {shown} is under 1")
    if value > LARGEST_COUNT:
        raise BudgetError(f"{what}: {shown} is over {LARGEST_COUNT:.0e}")
    return round(value)


def _is_huge(value: object) -> bool:
    """Whether this is a number with more digits than Python likes to write."""
    return isinstance(value, int) and abs(value) > LARGEST_COUNT**3


def format_quantity(value: float) -> str:
    """Write a count with three or four digits and its suffix.

    Example:
        >>> [format_quantity(v) for v in (399877856, 1004103, 327183, 14)]
        ['399.9M', '1.004M', '327.2k', '14']
    """
    for suffix in ("G", "M", "k"):
        if value >= _FACTORS[suffix]:
            return f"{value / _FACTORS[suffix]:.4g}{suffix}"
    return f"{value:g}"


def format_duration(seconds: float) -> str:
    """Write a time in minutes, as an estimate is read.

    Example:
        >>> [format_duration(seconds) for seconds in (0, 29, 100, 719, 7_000, 9_000, 400_000)]
        ['under 1 min', 'under 1 min', 'about 2 min', 'about 12 min', 'about 117 min',
         'about 2 h 30 min', 'about 4 d 15 h']
    """
    minutes = round(max(0.0, seconds) / 60)
    if minutes < 1:
        return "under 1 min"
    if minutes < 120:
        return f"about {minutes} min"
    hours, minutes = divmod(minutes, 60)
    return (
        f"about {hours} h {minutes} min" if hours < 48 else f"about {hours // 24} d {hours % 24} h"
    )
