"""Files as bytes and texts: only regular ones, none over its limit, texts only as UTF-8.

What is no regular file (a named pipe, a device, a folder, links in a circle) is refused before it
is opened, so that nothing waits and nothing is read for ever.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from nasfer.errors import NasferError

KIB, MIB, GIB = 2**10, 2**20, 2**30

KINDS = {
    stat.S_IFDIR: "it is a folder",
    stat.S_IFIFO: "it is a named pipe",
    stat.S_IFSOCK: "it is a socket",
    stat.S_IFCHR: "it is a device",
    stat.S_IFBLK: "it is a device",
}
"""What else than a file may stand under a name."""


def check_file(path: str | Path, limit: int, error: type[NasferError]) -> None:
    """Refuse what is no regular file, or too large, before anybody opens it.

    Args:
        path: of the file.
        limit: of its size, in bytes.
        error: what is raised.
    Raises:
        NasferError: of the class ``error``: ``net.yaml: cannot be read: it is a named pipe``.
    Example:
        >>> from nasfer.errors import SpecError
        >>> check_file("/dev/zero", 10, SpecError)
        Traceback (most recent call last):
        nasfer.errors.SpecError: /dev/zero: cannot be read: it is a device
    """
    with _refusals(path, error):
        _check(os.stat(path), limit)


def read_bytes(path: str | Path, limit: int, error: type[NasferError]) -> bytes:
    """Return the content of a file; arguments and errors as of `check_file`."""
    with _refusals(path, error):
        _check(os.stat(path), limit)
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            told = os.fstat(file.fileno())
            _check(told, limit)  # another one may stand there by now
            asked = told.st_size + 1  # memory is taken for all that is asked for
            pieces = [file.read(asked)]
            while len(pieces[-1]) == asked:  # it grew, or belongs to /proc and told no size
                if sum(map(len, pieces)) > limit:
                    raise ValueError(_too_large("more", limit))
                asked = MIB
                pieces.append(file.read(asked))
        content = b"".join(pieces)
        if len(content) > limit:
            raise ValueError(_too_large("more", limit))
    return content


def read_text(path: str | Path, limit: int, error: type[NasferError]) -> str:
    """Return the content of a text file; arguments and errors as of `check_file`."""
    content = read_bytes(path, limit, error)
    with _refusals(path, error):
        return content.decode("utf-8-sig")


@contextmanager
def open_text(path: str | Path, limit: int, error: type[NasferError]) -> Iterator[TextIO]:
    """Open a text file to be read line by line; arguments and errors as of `check_file`.

    Faults of the encoding that are met within are errors of the same class.
    """
    check_file(path, limit, error)
    with _refusals(path, error), open(path, newline="", encoding="utf-8-sig") as file:
        yield file


@contextmanager
def _refusals(path: str | Path, error: type[NasferError]) -> Iterator[None]:
    """Say in one line why a file cannot be read."""
    try:
        yield
    except NasferError:
        raise
    except UnicodeError:  # of the content, or of a name that the system cannot have
        raise error(f"{path}: cannot be read: it is no text in UTF-8") from None
    except OSError as reason:
        raise error(f"{path}: cannot be read: {_why(reason)}") from None
    except ValueError as reason:
        raise error(f"{path}: cannot be read: {reason}") from None
    except MemoryError:
        raise error(f"{path}: cannot be read: there is not enough memory for it") from None


def _why(reason: OSError) -> str:
    return (reason.strerror or str(reason)).lower()


def _check(found: os.stat_result, limit: int) -> None:
    kind = KINDS.get(stat.S_IFMT(found.st_mode))
    if kind is not None:
        raise ValueError(kind)
    if found.st_size > limit:
        raise ValueError(_too_large(_size(found.st_size), limit))


def _too_large(size: str, limit: int) -> str:
    return f"it has {size}, {_size(limit)} at most are read"


def _size(count: int) -> str:
    """Return a number of bytes for people.

    Example:
        >>> _size(3 * MIB), _size(MIB + 1), _size(12)
        ('3 MiB', '1,048,577 bytes', '12 bytes')
    """
    for unit, name in ((GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")):
        if count >= unit and count % unit == 0:
            return f"{count // unit:,} {name}"
    return f"{count:,} bytes"
