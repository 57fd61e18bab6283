"""Names of run folders: short, readable, and another one for other settings."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RUNS = Path("results/runs")
"""Where run folders are made unless the user says otherwise."""

LONGEST = 40
"""Characters of a part of a folder's name."""

DIGITS = 8
"""Hexadecimal digits that tell long names apart."""


def short_name(text: str) -> str:
    """Return what a user wrote as a part of a folder's name.

    It is the last part of a path, without options and without what shells dislike; of a long one
    the beginning, and digits that tell it from others that begin alike.

    Example:
        >>> short_name("folder:my/faces,val=0.2"), short_name("results/runs/best one/")
        ('faces', 'best-one')
        >>> short_name("a" * 50)
        'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-160b4e43'
    """
    last = text.split(",")[0].rstrip("/").split("/")[-1]
    name = "".join(c if c.isalnum() or c in "_-." else "-" for c in last)
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - DIGITS - 1]}-{_digits(last)}"


def default_folder(kind: str, name: str, settings: Mapping[str, Any]) -> Path:
    """Return the folder of a run that was not given one: the same settings, the same folder.

    Args:
        kind: ``train``, ``tune``, ...
        name: for people, such as the network and the data; see `short_name`.
        settings: plain data that identifies the run: a run that goes further has the same folder,
            see `nasfer.runs.extending.identifying`.
    Example:
        >>> default_folder("train", "zennet_m-drawn", {"seed": 0}).as_posix()
        'results/runs/train-zennet_m-drawn-de7d7744'
    """
    text = json.dumps(settings, sort_keys=True, default=str)
    return RUNS / f"{kind}-{name}-{_digits(text)}"


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest()[:DIGITS]


def absolute_path(path: str | Path) -> str:
    """Return a path from the root, ``~`` and links followed; one that cannot be, as it is written.

    Example:
        >>> absolute_path("/a/../b"), absolute_path("/no such\\0name")
        ('/b', '/no such\\x00name')
    """
    text = os.path.expanduser(path)
    try:
        return os.path.realpath(text)
    except (OSError, ValueError):
        return text
