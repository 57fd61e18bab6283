"""The state from which a killed training goes on: one file, replaced atomically, read safely."""

from __future__ import annotations

import io
import pickle
import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch

from nasfer.errors import CheckpointError, NasferWarning
from nasfer.runs.folder import write_atomic

STATE_FILE = "state.pt"
OLDER_FILE = "state.older.pt"


def save_state(folder: Path, state: dict[str, Any]) -> None:
    """Write the state; the one before it stays beside it until the next.

    Args:
        state: tensors and plain data alone, so that it loads without running code.
    Raises:
        RunFolderError: it cannot be written; the older state is still there then.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    path = folder / STATE_FILE
    if path.exists():
        path.replace(folder / OLDER_FILE)
    write_atomic(path, buffer.getvalue())


def load_state(folder: Path) -> dict[str, Any] | None:
    """Return the newest readable state, ``None`` where training has not begun.

    A damaged file is named in a warning, and the older state is taken.

    Raises:
        CheckpointError: there are states, and none can be read.
    """
    damaged = []
    for path in (folder / STATE_FILE, folder / OLDER_FILE):
        if not path.exists():
            continue
        try:
            state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        except (OSError, RuntimeError, EOFError, pickle.UnpicklingError, zipfile.BadZipFile):
            damaged.append(str(path))
            continue
        if damaged:
            text = f"{damaged[0]}: damaged; going on from the state before it"
            warnings.warn(text, NasferWarning, stacklevel=2)
        return state
    if damaged:
        raise CheckpointError(f"{damaged[0]}: damaged; remove it to train anew")
    return None
