"""Lists of images: text and CSV files whose every line is checked before it is believed."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from nasfer.errors import DataError
from nasfer.reading import open_text

LARGEST = 2**28
"""Bytes of a list."""


def read_rows(path: Path, *, delimiter: str = ",") -> Iterator[tuple[str, list[str]]]:
    """Yield ``path:line`` and the stripped cells of each line that is not empty.

    Args:
        delimiter: between cells; a blank stands for any run of blanks.
    Raises:
        DataError: the file cannot be read as text.
    """
    try:
        with open_text(path, LARGEST, DataError) as file:
            if delimiter == " ":
                for number, line in enumerate(file, start=1):
                    if line.strip():
                        yield f"{path}:{number}", line.split()
                return
            rows = csv.reader(file, delimiter=delimiter)
            for row in rows:
                if any(cell.strip() for cell in row):
                    yield f"{path}:{rows.line_num}", [cell.strip() for cell in row]
    except csv.Error as error:
        raise DataError(f"{path}: cannot be read: {error}") from None


def inside(name: str, where: str) -> str:
    """Return an image's name from a list, if it stays inside the data set's folder.

    Raises:
        DataError: it is empty, absolute, or climbs out by ``..``.
    Example:
        >>> inside("train/0001.jpg", "list.txt:1")
        'train/0001.jpg'
    """
    path = PurePosixPath(name.replace("\\", "/"))
    windows = PureWindowsPath(name)
    if not name or path.is_absolute() or windows.drive or ".." in path.parts or "\0" in name:
        raise DataError(f"{where}: image {name!r}; a path inside the data set's folder is needed")
    return str(path)


def whole_number(text: str, low: int, high: int, where: str, what: str) -> int:
    """Return a whole number of a list.

    Raises:
        DataError: it is none, or out of range.
    Example:
        >>> whole_number("7", 1, 7, "list.txt:1", "label")
        7
    """
    try:
        number = int(text[:20])
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise DataError(f"{where}: {what} {text[:60]!r}; {low} to {high} are allowed")
    return number


def column(header: Sequence[str], names: Sequence[str]) -> int | None:
    """Return the place of the first of these columns that a header has, in any case.

    Example:
        >>> column(["Image", "Label"], ["path", "image"])
        0
    """
    lower = [cell.lower() for cell in header]
    return next((lower.index(name.lower()) for name in names if name.lower() in lower), None)


class Once:
    """Refuses a name that a list holds twice."""

    def __init__(self) -> None:
        self._lines: dict[str, str] = {}

    def check(self, name: str, where: str) -> None:
        """Note a name.

        Raises:
            DataError: it was there before; the message holds both lines.
        """
        if name in self._lines:
            first = self._lines[name].rpartition(":")[2]
            raise DataError(f"{where}: {name} is listed already in line {first}; once is allowed")
        self._lines[name] = where
