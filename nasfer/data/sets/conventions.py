"""Which class a numbered folder or label is: the orders in use, and ``classes.txt``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from nasfer.data.labels import canonical, expression
from nasfer.errors import DataError
from nasfer.reading import read_text

RAFDB_CONVENTIONS = {
    "emo_net": ("surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"),
    "efficientface": ("neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger"),
}
"""Orders of RAF-DB's numbered folders; ``emo_net`` is the official one, which counts from 1."""

RAFDB_OFFICIAL = RAFDB_CONVENTIONS["emo_net"]
"""RAF-DB's labels 1 to 7."""

FER2013_ORDER = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
"""FER2013's labels 0 to 6."""

AFFECTNET_ORDER = (
    "neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt",
)  # fmt: skip
"""AffectNet's labels 0 to 7."""

FERPLUS_ORDER = (
    "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt",
)  # fmt: skip
"""FERPlus' columns of votes; ``unknown`` and ``NF`` follow."""

LARGEST = 2**16
"""Bytes of a list of classes."""

CLASSES_FILE = "classes.txt"
"""One class name a line, in the order of the folder numbers."""


def read_classes(root: Path) -> tuple[str, ...] | None:
    """Return the class names that ``classes.txt`` in a data set's folder holds, if there is one.

    Raises:
        DataError: a line is no expression or is there twice.
    """
    path = root / CLASSES_FILE
    if not path.exists():
        return None
    lines = [line.strip() for line in read_text(path, LARGEST, DataError).splitlines()]
    names = tuple(
        expression(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line
    )
    canonical(names, str(path))
    return names


def show_order(order: Sequence[str], start: int = 0) -> str:
    """Write an order for people.

    Example:
        >>> show_order(("fear", "anger"))
        '0 fear, 1 anger'
    """
    return ", ".join(f"{number} {name}" for number, name in enumerate(order, start))


def first_number(numbers: Iterable[int], order: Sequence[str], where: str) -> int:
    """Return what folder numbers count from, 0 or 1.

    Raises:
        DataError: they fit neither.
    Example:
        >>> first_number([1, 2, 3], ["fear", "anger", "neutral"], "train")
        1
    """
    there = set(numbers)
    if 0 in there and max(there) < len(order):
        return 0
    if there == set(range(1, len(order) + 1)):
        return 1
    shown = ", ".join(map(str, sorted(there)))
    raise DataError(
        f"{where}: folders {shown}; 0 to {len(order) - 1} or 1 to {len(order)} are allowed"
        f" ({show_order(order)})"
    )
