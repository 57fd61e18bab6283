"""Files that a command writes where the user says: another file of that name is not replaced.

A file is ours if nasfer wrote it and nobody has changed it since: ``.nasfer-outputs.json`` beside
it holds names and digests. So a command can be typed twice, and whatever a user made or edited
needs ``overwrite``. Front and page in a run folder are the run's own.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nasfer.errors import NasferError, RunFolderError
from nasfer.reading import load_json
from nasfer.runs.atomic import is_file, refuse_special, write_atomic
from nasfer.runs.files import RUN_FILE

OUTPUTS_FILE = ".nasfer-outputs.json"
"""SHA-256 by name, of what nasfer wrote into this folder."""

MOST_BYTES = 2**20
"""Of such a list; a longer one is none of ours."""

CHUNK = 2**20

RUNS_OWN = re.compile(r"report\.html|pareto\.\w+|pareto_failures\.csv")
"""Files of a run folder that commands write there unasked."""


@contextmanager
def outputs(paths: Sequence[str | Path], *, overwrite: bool) -> Iterator[None]:
    """Refuse names that are taken, before the work, and remember afterwards what was written.

    Args:
        paths: of the files that will be written; those that are not are left alone.
        overwrite: replace files that nasfer did not write, too.
    Raises:
        RunFolderError: a file is there that is not ours, or a folder, a link, a pipe or a device.
    """
    files = [Path(path) for path in paths]
    for file in files:
        refuse_special(file)
        if not overwrite and is_file(file) and not _is_ours(file):
            raise RunFolderError(
                f"{file}: exists, and is not as nasfer wrote it; `overwrite=True` replaces it"
            )
    before = [_stamp(file) for file in files]
    try:
        yield
    finally:
        _remember([file for file, old in zip(files, before) if _stamp(file) not in (None, old)])


def _is_ours(file: Path) -> bool:
    if RUNS_OWN.fullmatch(file.name) and is_file(file.parent / RUN_FILE):
        return True
    known = _known(file.parent).get(file.name)
    return known is not None and known == _digest(file)


def _known(folder: Path) -> dict[str, str]:
    """Return the list of a folder; one that is missing or damaged names nothing."""
    if not is_file(folder / OUTPUTS_FILE):
        return {}
    try:
        found = load_json(folder / OUTPUTS_FILE, RunFolderError, limit=MOST_BYTES)
    except NasferError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: digest for name, digest in found.items() if isinstance(digest, str)}


def _remember(files: Sequence[Path]) -> None:
    """Add files to the lists of their folders; names of files that are gone leave them."""
    for folder in dict.fromkeys(file.parent for file in files):
        known = {name: one for name, one in _known(folder).items() if is_file(folder / name)}
        known |= {file.name: _digest(file) for file in files if file.parent == folder}
        write_atomic(folder / OUTPUTS_FILE, json.dumps(known, indent=1) + "\n")


def _digest(file: Path) -> str:
    digest = hashlib.sha256()
    try:
        with file.open("rb") as content:
            while chunk := content.read(CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise RunFolderError(f"{file}: cannot be read: {error.strerror}") from None
    return digest.hexdigest()


def _stamp(file: Path) -> tuple[int, int, int] | None:
    """What changes when a file is replaced; ``None`` where there is none."""
    if not is_file(file):
        return None
    told = os.lstat(file)
    return told.st_ino, told.st_mtime_ns, told.st_size
