"""Tables within a width: names stay whole, lesser columns go, and a line says which."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

PROSE_LEAST = 20
"""Width to which texts of many words are folded, at least."""

NAMES = ("name", "network", "digest", "file", "trial", "source", "candidate", "expression")
"""Columns that are never left out, as the first is not: they tell what a row is about."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of text.

    Args:
        name: its heading.
        cells: one a row.
        number: aligned at the right.
        prose: of many words, which may be folded; any other cell stays on one line.
        stacked: the heading's words stand one below the other.
    """

    name: str
    cells: tuple[str, ...]
    number: bool = False
    prose: bool = False
    stacked: bool = False

    @property
    def heading(self) -> str:
        """What is written above the cells."""
        return self.name.replace(" ", "\n") if self.stacked else self.name

    @property
    def least(self) -> int:
        """The width that it needs."""
        cells = max(map(_width, self.cells), default=0)
        return max(_width(self.heading), min(cells, PROSE_LEAST) if self.prose else cells)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A table as it fits.

    Args:
        columns: that are shown.
        left_out: headings of the others.
        below: cells that are too long for a table, by the mark that stands for them.
    """

    columns: tuple[Column, ...]
    left_out: tuple[str, ...] = ()
    below: tuple[tuple[str, str], ...] = ()

    @property
    def width(self) -> int:
        """Of the whole table, at least; three signs stand between two columns."""
        return sum(column.least for column in self.columns) + 3 * (len(self.columns) - 1)


def fit(columns: Sequence[Column], width: int, first_out: Sequence[str] = ()) -> Fitted:
    """Return the table as it fits into a width: headings are stacked, then columns are left out.

    Those of `NAMES` and the first one stay, whatever their width; a cell of them that takes more
    than half the width is written below the table.

    Args:
        columns: at least one.
        width: in signs.
        first_out: headings of columns that go before the others; these go from the right.
    Example:
        >>> names, counts = Column("name", ("a" * 30,)), Column("params in all", ("1",))
        >>> [len(fit([names, counts], width).columns) for width in (80, 46, 12)]
        [2, 2, 1]
        >>> fit([Column("name", ("a" * 70,))], 60).below == (("[1]", "a" * 70),)
        True
    """
    found = Fitted(tuple(columns))
    if found.width <= width:
        return found
    found = replace(found, columns=tuple(replace(one, stacked=True) for one in columns))
    if found.width > width:
        found = _with_long_cells_below(found, width // 2)
    for name in _leaving(columns, first_out):
        if found.width <= width:
            break
        kept = tuple(one for one in found.columns if one.name != name)
        found = replace(found, columns=kept, left_out=(*found.left_out, name))
    shown = {cell for column in found.columns for cell in column.cells}
    below = tuple(pair for pair in found.below if pair[0] in shown)
    return replace(found, below=below)


def _leaving(columns: Sequence[Column], first_out: Sequence[str]) -> list[str]:
    """Return the headings of what may be left out, in this order."""
    may_go = [one.name for one in columns[1:] if one.prose or one.name not in NAMES]
    first = [name for name in first_out if name in may_go]
    return [*first, *(name for name in reversed(may_go) if name not in first)]


def _with_long_cells_below(table: Fitted, most: int) -> Fitted:
    """Put marks in place of cells that are longer than this."""
    marks: dict[str, str] = {}
    columns = []
    for column in table.columns:
        cells = [
            marks.setdefault(cell, f"[{len(marks) + 1}]")
            if _width(cell) > most and not column.prose
            else cell
            for cell in column.cells
        ]
        columns.append(replace(column, cells=tuple(cells)))
    below = tuple((mark, cell) for cell, mark in marks.items())
    return replace(table, columns=tuple(columns), below=below)


def piped_width() -> int | None:
    """Return the width that a pipe is said to have by ``COLUMNS``; ``None``: it has none."""
    text = os.environ.get("COLUMNS", "")
    return int(text) if text.isdecimal() and 0 < int(text) < 10**6 else None


def _width(text: str) -> int:
    return max(map(cell_len, text.split("\n")))
