"""Tables of text: rows by the names of their columns, through the one door for files."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from nasfer.errors import PoolError
from nasfer.reading import open_text

LARGEST = 2**28
"""Bytes of a table."""

MOST_ROWS = 200_000


def read_cells(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield ``path:line`` and the cells of each row that is not empty; empty cells are left out.

    Args:
        path: a CSV file, the names of its columns first.
        needed: columns, one of which it must have each.
    Raises:
        PoolError: it cannot be read, a column is missing or stands there twice, or a row has more
            cells than the header.
    """
    try:
        with open_text(path, LARGEST, PoolError) as file:
            rows = csv.reader(file)
            header = [cell.strip() for cell in next(rows, [])]
            _check(header, path, needed)
            for number, row in enumerate(rows):
                where = f"{path}:{rows.line_num}"
                if number >= MOST_ROWS:
                    raise PoolError(f"{path}: more than {MOST_ROWS:,} rows")
                if len(row) > len(header):
                    raise PoolError(f"{where}: {len(row)} cells under {len(header)} columns")
                cells = {name: cell.strip() for name, cell in zip(header, row) if cell.strip()}
                if cells:
                    yield where, cells
    except csv.Error as error:
        raise PoolError(f"{path}: cannot be read: {error}") from None


def _check(header: list[str], path: Path, needed: tuple[str, ...]) -> None:
    for name in needed:
        if name not in header:
            shown = ", ".join(header)[:200] or "nothing"
            raise PoolError(f"{path}: no column {name!r}; its first line has {shown}")
    twice = next((name for name in header if name and header.count(name) > 1), None)
    if twice is not None:
        raise PoolError(f"{path}: two columns are called {twice[:60]!r}")
