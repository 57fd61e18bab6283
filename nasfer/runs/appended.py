"""Files of lines: appended one by one, each on disk before anything goes on, each with a digest."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nasfer.errors import NasferWarning, RunFolderError
from nasfer.reading import parse_json, read_bytes
from nasfer.runs.atomic import refuse_special
from nasfer.runs.seal import sealed, unsealed

LARGEST = 2**30
"""Bytes of a file of lines."""


def append_line(path: Path, record: Mapping[str, Any]) -> None:
    """Add one line to a file, on disk when this returns.

    Raises:
        RunFolderError: the line cannot be written; what was there before stays readable.
    """
    refuse_special(path)
    try:
        with path.open("a") as lines:
            lines.write(text_of([record]))
            lines.flush()
            os.fsync(lines.fileno())
    except OSError as error:
        raise RunFolderError(f"{path}: cannot be written: {error.strerror}") from None


def text_of(records: Iterable[Mapping[str, Any]]) -> str:
    """Return the lines of records, as they stand in a file."""
    return "".join(json.dumps(sealed(record)) + "\n" for record in records)


def read_lines(path: Path, *, live: bool = False) -> list[dict[str, Any]]:
    """Return the lines of a file, and change nothing: another process may be writing to it.

    A last line that a crash cut off is left out, and said so; no file has no lines.

    Args:
        live: a process is writing there: a last line that is not whole yet is nothing to tell.
    Raises:
        RunFolderError: another line is damaged.
    """
    records, whole = whole_lines(path)
    if whole is not None and not live:
        warnings.warn(f"{path}: a last line is cut off; left out", NasferWarning, stacklevel=2)
    return records


def whole_lines(path: Path) -> tuple[list[dict[str, Any]], bytes | None]:
    """Return the lines of a file; then the file without a last one that is cut off, if one is.

    Raises:
        RunFolderError: another line is damaged, or the file cannot be read.
    """
    if not path.exists():
        return [], None
    refuse_special(path)
    *lines, last = read_bytes(path, LARGEST, RunFolderError).split(b"\n")
    records = []
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            data = parse_json(line, f"{path}:{number}", RunFolderError, finite=False)
            records.append(unsealed(data) if isinstance(data, dict) else data)
        except ValueError as error:
            reason = str(error).removeprefix(f"{path}:{number}: ")
            raise RunFolderError(f"{path}:{number}: damaged line: {reason}; remove it") from None
    return records, b"".join(line + b"\n" for line in lines) if last else None
