"""Population based training: a trial takes over another's weights, and goes on with other values.

What a trial trains with now stands in ``values.json`` of its folder, so that it survives.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nasfer.errors import CheckpointError, TrialError
from nasfer.reading import load_json
from nasfer.runs.atomic import make_folder
from nasfer.runs.files import RUN_FILE
from nasfer.runs.folder import write_atomic
from nasfer.runs.seal import sealed, unsealed
from nasfer.training.recipe import Recipe
from nasfer.training.retuning import retuned
from nasfer.training.run import BEST_FILE
from nasfer.training.state import OLDER_FILE, STATE_FILE, load_state, save_state

VALUES_FILE = "values.json"
ORIGIN_FILE = "origin.json"


def current_values(folder: Path, first: Mapping[str, Any]) -> dict[str, Any]:
    """Return the recipe values that a trial trains with now; at the beginning ``first``.

    Raises:
        TrialError: the file that holds them is damaged.
    """
    path = folder / VALUES_FILE
    if not path.exists():
        return dict(first)
    try:
        return unsealed(dict(load_json(path, TrialError)))
    except (OSError, ValueError, TypeError, RecursionError):
        raise TrialError(f"{path}: damaged; remove its folder to train the trial anew") from None


def pack(folder: Path, target: Path, key: str, values: Mapping[str, Any]) -> None:
    """Copy into ``target`` what another trial needs to go on from here."""
    for name in (STATE_FILE, BEST_FILE):
        shutil.copyfile(folder / name, target / name)
    (target / ORIGIN_FILE).write_text(json.dumps({"trial": key, "values": dict(values)}))


def adopt(packed: Path, folder: Path, key: str, values: Mapping[str, Any], recipe: Recipe) -> bool:
    """Take over what another trial packed; return whether it was another's or has other values.

    Args:
        recipe: of the tuning, without the values that are searched.
        values: to go on with.
    Raises:
        CheckpointError: the packed state is damaged.
    """
    origin = load_json(packed / ORIGIN_FILE, TrialError)
    if origin == {"trial": key, "values": dict(values)}:
        return False
    make_folder(folder)
    state = load_state(packed)
    if state is None:
        raise CheckpointError(f"{packed}: no state in it")
    before, after = (
        recipe.with_options({name: str(value) for name, value in found.items()})
        for found in (origin["values"], values)
    )
    taken = {**retuned(state, before, after), "settings": None}  # who goes on writes its own
    save_state(folder, taken)  # first: until then its own is there
    for name in (OLDER_FILE, RUN_FILE):
        (folder / name).unlink(missing_ok=True)
    write_atomic(folder / VALUES_FILE, json.dumps(sealed(values)))
    write_atomic(folder / BEST_FILE, (packed / BEST_FILE).read_bytes())
    return True
