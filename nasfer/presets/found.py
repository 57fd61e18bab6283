"""Architectures that runs found or trained, and those of checkpoints, by what users call them."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from safetensors import SafetensorError, safe_open

from nasfer.arch import Arch, parse_arch
from nasfer.errors import NasferError, SpecError
from nasfer.reading import check_file, open_text, parse_json
from nasfer.runs.files import CANDIDATES_FILE
from nasfer.runs.folder import read_run

CHECKPOINT = ".safetensors"
"""Ending of nasfer's checkpoints."""

TABLES = {"search": CANDIDATES_FILE, "tune": "results.csv"}
"""Where runs keep their networks, best first, a structure a row."""

TRAINED = "best.safetensors"
"""What a training leaves."""

LARGEST_TABLE = 2**26
LARGEST_CHECKPOINT = 2**36
"""Bytes of files that are read."""

LEAST_DIGITS = 4
"""A digest may be cut to so many characters."""


def is_found(source: str) -> bool:
    """Whether this names a checkpoint, a run, or a network of a run.

    Example:
        >>> is_found("best.safetensors"), is_found("no/such/folder"), is_found("no/such#2")
        (True, False, True)
    """
    return source.endswith(CHECKPOINT) or "#" in source or os.path.isdir(os.path.expanduser(source))


def found_arch(source: str) -> Arch:
    """Return the architecture of a checkpoint, of a run's best network or of another of its own.

    Args:
        source: ``FILE.safetensors``, ``RUN``, ``RUN#2`` (the second best) or ``RUN#DIGEST``.
    Raises:
        SpecError: no such file, row or digest, or it is damaged.
        RunFolderError: no run folder.
    """
    if source.endswith(CHECKPOINT):
        return _of_checkpoint(Path(os.path.expanduser(source)))
    folder, _, wanted = source.partition("#")
    path = Path(os.path.expanduser(folder))
    kind = read_run(path).kind
    if kind in ("train", "trial"):
        if wanted:
            raise SpecError(f"{source}: a training has one network; {folder} names it")
        return _of_checkpoint(path / TRAINED)
    table = path / TABLES[kind]
    row = _row(table, wanted)
    try:
        return parse_arch(row["structure"])
    except NasferError as error:
        raise SpecError(f"{table}: structure: {error}") from None


def _row(table: Path, wanted: str) -> dict[str, str]:
    """Return the row of a rank or a digest; the first where nothing is said."""
    if not os.path.exists(table):
        raise SpecError(f"{table}: missing; the run has not ended yet")
    try:
        with open_text(table, LARGEST_TABLE, SpecError) as lines:
            rows = [row for row in csv.DictReader(lines) if row.get("structure")]
    except csv.Error as error:
        raise SpecError(f"{table}: cannot be read: {error}") from None
    if not rows:
        raise SpecError(f"{table}: no network in it")
    if not wanted:
        return rows[0]
    if wanted.isdecimal() and len(wanted) < LEAST_DIGITS:
        if not 1 <= int(wanted) <= len(rows):
            raise SpecError(f"{table}: #{wanted}: 1 to {len(rows)} are there")
        return rows[int(wanted) - 1]
    alike = [row for row in rows if (row.get("digest") or "").startswith(wanted)]
    if len(wanted) < LEAST_DIGITS or not alike:
        raise SpecError(f"{table}: no network #{wanted}; a rank, or a digest, is needed")
    return alike[0]


def _of_checkpoint(path: Path) -> Arch:
    """Return the architecture that a checkpoint names; its weights are not read."""
    check_file(path, LARGEST_CHECKPOINT, SpecError)
    try:
        with safe_open(path, framework="np") as file:
            text = (file.metadata() or {})["nasfer"]
        return parse_arch(str(parse_json(text, "its metadata", SpecError)["structure"]))
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        raise SpecError(f"{path}: no nasfer checkpoint: {error}") from None
