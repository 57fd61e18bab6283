"""JSON, read with limits: no deep nesting, no endless or infinite numbers, no key twice."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from nasfer.errors import NasferError
from nasfer.reading.files import MIB, read_text

DEEPEST = 64
"""Brackets within brackets."""

LONGEST_NUMBER = 100
"""Letters of a number."""

LARGEST = 64 * MIB
"""Bytes of a file."""


def load_json(
    path: str | Path, error: type[NasferError], *, limit: int = LARGEST, finite: bool = True
) -> Any:
    """Return what a JSON file holds.

    Args:
        path: of the file.
        error: what is raised.
        limit: of its size, in bytes.
        finite: whether ``NaN`` and infinity are refused.
    Raises:
        NasferError: of the class ``error``, one line: the file cannot be read or is no such JSON.
    """
    return parse_json(read_text(path, limit, error), str(path), error, finite=finite)


def parse_json(
    text: str | bytes, where: str, error: type[NasferError], *, finite: bool = True
) -> Any:
    """Return what a text of JSON holds.

    Args:
        text: to be read, bytes in UTF-8.
        where: the text stands, for the message.
        error: what is raised.
        finite: whether ``NaN`` and infinity are refused.
    Raises:
        NasferError: of the class ``error``, one line.
    Example:
        >>> from nasfer.errors import SpecError
        >>> parse_json('{"a": [1, 2.5]}', "net.json", SpecError)
        {'a': [1, 2.5]}
        >>> parse_json("[" * 100_000, "net.json", SpecError)
        Traceback (most recent call last):
        nasfer.errors.SpecError: net.json: nested deeper than 64 brackets
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        data = json.loads(
            text, object_pairs_hook=_mapping, parse_int=_whole, parse_float=_number(finite),
            parse_constant=_constant(finite),
        )  # fmt: skip
    except RecursionError:
        raise error(f"{where}: nested deeper than {DEEPEST} brackets") from None
    except json.JSONDecodeError as fault:
        place = f"line {fault.lineno}, column {fault.colno}"
        raise error(f"{where}: no JSON: {fault.msg.lower()}, {place}") from None
    except UnicodeError:
        raise error(f"{where}: no JSON: no text in UTF-8") from None
    except ValueError as fault:
        raise error(f"{where}: {fault}") from None
    if text.count("[") + text.count("{") > DEEPEST and _depth_over(data, DEEPEST):
        raise error(f"{where}: nested deeper than {DEEPEST} brackets")
    return data


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice}: stands there twice")
    return found


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"a number of {len(text):,} digits; {LONGEST_NUMBER} are allowed")
    return int(text)


def _number(finite: bool) -> Any:
    def read(text: str) -> float:
        value = float(text)
        if finite and not math.isfinite(value):
            raise ValueError(f"{text[:LONGEST_NUMBER]} is no finite number")
        return value

    return read


def _constant(finite: bool) -> Any:
    def read(text: str) -> float:
        if finite:
            raise ValueError(f"{text} is no finite number")
        return float(text)

    return read


def _depth_over(data: Any, deepest: int) -> bool:
    """Whether lists and mappings are nested deeper; walked level by level, not by recursion."""
    level = [data]
    for _ in range(deepest):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
