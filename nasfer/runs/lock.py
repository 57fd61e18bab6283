"""The lock of a run folder: one process works in it, another waits a little or is told who does.

The system holds the lock for the process, so it ends with it, however it ends.
"""

from __future__ import annotations

import errno
import os
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nasfer.errors import NasferWarning, RunFolderError
from nasfer.runs.atomic import make_folder, refuse_special
from nasfer.runs.owner import Owner, read_owner

LOCK_FILE = ".lock"

WAIT_SECONDS = 10.0
"""Another process may be about to end; a longer wait would look like a hang."""

NOTE_SECONDS = 1.0
"""After so long it is said who is waited for."""

LOOK_SECONDS = 0.1

UNLOCKABLE = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP}
"""Reasons for which a folder has no lock: nobody may write to it, or its storage has none."""


class HeldElsewhereError(RunFolderError):
    """Another process works in the folder."""


@contextmanager
def held(folder: Path, *, seconds: float | None = None) -> Iterator[None]:
    """Hold a folder's lock for the while; the folder is made if missing.

    Args:
        folder: of a run.
        seconds: to wait for another process, `WAIT_SECONDS` if nothing is said; after
            `NOTE_SECONDS` a warning says for which.
    Raises:
        HeldElsewhereError: another process still holds it, or another thread.
        RunFolderError: the folder cannot be made, or the lock is no file.
    """
    number = _acquired(folder, WAIT_SECONDS if seconds is None else seconds)
    try:
        yield
    finally:
        if number is not None:
            os.close(number)


def _acquired(folder: Path, seconds: float) -> int | None:
    """Return the open file that holds the lock, ``None`` where there can be none."""
    path, began, told = folder / LOCK_FILE, time.monotonic(), False
    while True:
        make_folder(folder)
        refuse_special(path)
        try:
            number = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        except FileNotFoundError:  # the holder gave up, and took the folder with it
            continue
        except OSError as error:
            if error.errno in UNLOCKABLE:
                return None
            raise RunFolderError(f"{path}: cannot be written: {error.strerror}") from None
        if _locked(number, path):
            return number
        waited = time.monotonic() - began
        owner = read_owner(path) or "another process"
        if waited >= seconds:
            raise HeldElsewhereError(
                f"{folder}: {owner} works in this folder; wait for its end, or choose another `out`"
            )
        if waited >= NOTE_SECONDS and not told:
            told = True
            warnings.warn(f"{folder}: waiting for {owner}", NasferWarning, stacklevel=4)
        time.sleep(LOOK_SECONDS)


def _locked(number: int, path: Path) -> bool:
    """Lock an open file and write down who did; close it where another process has it."""
    try:
        import fcntl
    except ImportError:  # Windows has no such locks, and Ray's workers no such folders
        return True
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in UNLOCKABLE - {errno.EACCES}:
            return True
        os.close(number)
        return False
    try:
        mine, there = os.fstat(number), os.stat(path)
        if (mine.st_ino, mine.st_dev) == (there.st_ino, there.st_dev):
            os.ftruncate(number, 0)
            os.pwrite(number, Owner.this().text().encode(), 0)
            return True
    except FileNotFoundError:
        pass
    except OSError as error:
        os.close(number)
        raise RunFolderError(f"{path}: cannot be written: {error.strerror}") from None
    os.close(number)  # its holder removed it between opening and locking: look again
    return False
