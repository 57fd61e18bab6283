"""Which folders are nasfer's: none that is a user's is ever written to."""

from __future__ import annotations

import os
from pathlib import Path

from nasfer.errors import RunFolderError
from nasfer.runs.atomic import is_temporary
from nasfer.runs.described import Kind
from nasfer.runs.files import RUN_FILE
from nasfer.runs.lock import LOCK_FILE

NAMED = 3
"""So many files of a folder that is no run folder are named."""


def check_ours(path: Path, kind: Kind) -> None:
    """Refuse a folder of the user's: not empty, and no run folder.

    A trial's folder lies in one of ours, and may have taken over another trial's files.

    Raises:
        RunFolderError: it is one.
    """
    if os.path.exists(path / RUN_FILE) or kind == "trial" or not os.path.exists(path):
        return
    try:
        there = sorted(
            one.name for one in path.iterdir() if one.name != LOCK_FILE and not is_temporary(one)
        )
    except OSError as error:
        raise RunFolderError(f"{path}: cannot be made: {error.strerror}") from None
    if there:
        more = f" and {len(there) - NAMED} more" if len(there) > NAMED else ""
        raise RunFolderError(
            f"{path}: no run folder ({RUN_FILE} is missing), and not empty:"
            f" {', '.join(there[:NAMED])}{more}; choose another `out`"
        )
