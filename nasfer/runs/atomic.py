"""Files replaced as a whole, and nothing replaced that is no file."""

from __future__ import annotations

import os
import re
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from nasfer.errors import RunFolderError

TEMPORARY = re.compile(r"\.nasfer-[0-9a-f]{16}\.tmp")
"""Names of the temporary files of `write_atomic`; nobody guesses one, and nobody else has such."""

KINDS = {
    stat.S_IFDIR: "a folder", stat.S_IFLNK: "a symbolic link", stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFSOCK: "a socket",
}  # fmt: skip


def write_atomic(path: Path, content: str | bytes) -> None:
    """Replace a file as a whole: readers see the old content or the new, also after a crash.

    The temporary file lies beside it, has a name that nobody can guess, and is made only if there
    is none: what somebody put there is never written through.

    Raises:
        RunFolderError: the file cannot be written (no permission, no space), or what has its name
            is a folder, a link, a pipe or a device.
    """
    refuse_special(path)
    data = content.encode(errors="backslashreplace") if isinstance(content, str) else content
    temporary = path.with_name(f".nasfer-{secrets.token_hex(8)}.tmp")
    try:
        number = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with open(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise RunFolderError(f"{path}: cannot be written: {error.strerror}") from None


def refuse_special(path: Path) -> None:
    """Refuse to write to what is there and is no regular file.

    Raises:
        RunFolderError: it is a folder, a link, a pipe or a device.
    Example:
        >>> refuse_special(Path("/dev/null"))
        Traceback (most recent call last):
        nasfer.errors.RunFolderError: /dev/null: a device; a file or a new name is needed
    """
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RunFolderError(f"{path}: cannot be written: {reason}") from None
    if not stat.S_ISREG(mode):
        kind = KINDS.get(stat.S_IFMT(mode), "no file")
        raise RunFolderError(f"{path}: {kind}; a file or a new name is needed")


def is_file(path: Path) -> bool:
    """Whether this is a regular file itself, no link to one."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they are missing.

    Raises:
        RunFolderError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RunFolderError(f"{path}: cannot be made: {reason}") from None


def discard(path: Path) -> None:
    """Remove a file that no longer holds; where it is no regular file it stays.

    Raises:
        RunFolderError: it cannot be removed.
    """
    if not is_file(path):
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise RunFolderError(f"{path}: cannot be removed: {error.strerror}") from None


def is_temporary(path: Path) -> bool:
    """Whether this is a file that a killed `write_atomic` left behind."""
    return TEMPORARY.fullmatch(path.name) is not None and is_file(path)
