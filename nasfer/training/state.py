"""The state from which a killed training goes on: one file, replaced atomically, read safely.

It begins with a line that holds the digest of all that follows, so one changed bit is noticed.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from nasfer.errors import CheckpointError, NasferWarning
from nasfer.reading import read_bytes
from nasfer.runs.atomic import is_file, refuse_special, write_atomic

STATE_FILE = "state.pt"
OLDER_FILE = "state.older.pt"

LARGEST = 2**36
"""Bytes of a file."""

HEADER = b"nasfer state, sha256 "
"""Before the digest, a line break, and a file of ``torch.save``."""


def save_state(folder: Path, state: dict[str, Any]) -> None:
    """Write the state; the one before it stays beside it until the next.

    Args:
        state: tensors and plain data alone, so that it loads without running code.
    Raises:
        RunFolderError: it cannot be written; the older state is still there then.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    content = buffer.getvalue()
    path = folder / STATE_FILE
    if is_file(path):
        refuse_special(folder / OLDER_FILE)
        path.replace(folder / OLDER_FILE)
    digest = hashlib.sha256(content).hexdigest().encode()
    write_atomic(path, b"".join((HEADER, digest, b"\n", content)))


def load_state(
    folder: Path, accept: Callable[[dict[str, Any]], None] = lambda state: None
) -> dict[str, Any] | None:
    """Return the newest readable state, ``None`` where training has not begun.

    A damaged file is named in a warning, and the older state is taken.

    Args:
        accept: raises a `CheckpointError` where a state is not what is needed.
    Raises:
        CheckpointError: there are states, and none can be read.
    """
    wrong = []
    for path in (folder / STATE_FILE, folder / OLDER_FILE):
        if not path.exists():
            continue
        try:
            state = _read(path)
            accept(state)
        except CheckpointError as error:
            wrong.append(f"{path}: {str(error).removeprefix(f'{path}: ')}")
            continue
        if wrong:
            text = f"{wrong[0]}; going on from the state before it"
            warnings.warn(text, NasferWarning, stacklevel=2)
        return state
    if wrong:
        raise CheckpointError(f"{wrong[0]}; remove it to train anew")
    return None


def _read(path: Path) -> dict[str, Any]:
    """Return what a file holds; those of older versions have no digest, but zip's own sums."""
    try:
        content = read_bytes(path, LARGEST, CheckpointError)
        if content.startswith(HEADER):
            head, _, content = content.partition(b"\n")
            if head[len(HEADER) :] != hashlib.sha256(content).hexdigest().encode():
                raise CheckpointError("damaged")
        elif zipfile.ZipFile(io.BytesIO(content)).testzip() is not None:
            raise CheckpointError("damaged")
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except (
        OSError, RuntimeError, EOFError, LookupError, ValueError, TypeError, AttributeError,
        ArithmeticError, MemoryError, pickle.UnpicklingError, zipfile.BadZipFile,
    ) as error:  # fmt: skip
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError("damaged") from None
    if not isinstance(state, dict):
        raise CheckpointError("damaged")
    return state
