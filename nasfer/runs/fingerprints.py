"""What a finished run knows of its files: how long each was, and its digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nasfer.errors import RunFolderError
from nasfer.runs.atomic import is_file

Fingerprint = Mapping[str, Any]
"""``bytes``, ``sha256`` and, of a file of lines, ``lines``."""


def fingerprint(path: Path) -> Fingerprint | None:
    """Return what tells a file from a damaged one; ``None`` where it cannot be read."""
    if not is_file(path):
        return None
    try:
        content = path.read_bytes()
    except OSError:
        return None
    found: dict[str, Any] = {"bytes": len(content)}
    if path.suffix == ".jsonl":
        found["lines"] = content.count(b"\n")
    return {**found, "sha256": hashlib.sha256(content).hexdigest()}


def fingerprints(folder: Path, names: Iterable[str]) -> dict[str, Fingerprint]:
    """Return those of the files that are there, by name."""
    found = {name: fingerprint(folder / name) for name in names}
    return {name: one for name, one in found.items() if one is not None}


def complaint(path: Path, known: Fingerprint) -> str | None:
    """Return how a file differs from what a finished run left; ``None`` where it does not."""
    found = fingerprint(path)
    if found == known:
        return None
    if found is None:
        return f"{path}: missing, or not to be read"
    for unit in ("lines", "bytes"):
        if found.get(unit) != known.get(unit):
            return f"{path}: {found.get(unit)} {unit}, the finished run left {known.get(unit)}"
    return f"{path}: not as the finished run left it"


def check_unchanged(
    folder: Path, known: Mapping[str, Fingerprint], names: Iterable[str], advice: str
) -> None:
    """See that files of a finished run are as it left them; of older runs nothing is known.

    Args:
        advice: what helps, for the message.
    Raises:
        RunFolderError: one is damaged or missing; the message says how.
    """
    for name in names:
        wrong = complaint(folder / name, known[name]) if name in known else None
        if wrong is not None:
            raise RunFolderError(f"{wrong}; {advice}")
