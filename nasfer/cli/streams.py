"""Standard output and error as they may be: closed, full, of another encoding, a broken pipe."""

from __future__ import annotations

import codecs
import os
import sys
from contextlib import suppress
from typing import TextIO

SIGNS = {"±": "+-", "×": "x", "…": "...", "≤": "<=", "≥": ">=", "–": "-", "→": "->", "τ": "tau"}
"""What signs are on a terminal that does not know them; all others are escaped."""

HANDLER = "nasfer.signs"


def prepare_streams() -> None:
    """Let nothing that is printed be an error of the encoding, and let no file become output.

    A descriptor that is closed would be taken by the next file that is opened.
    """
    codecs.register_error(HANDLER, _written)
    for number, name in ((0, "stdin"), (1, "stdout"), (2, "stderr")):
        try:
            os.fstat(number)
        except OSError:
            nothing = os.open(os.devnull, os.O_RDWR)
            if nothing != number:
                os.dup2(nothing, number)
                os.close(nothing)
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r+" if name == "stdin" else "w"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=HANDLER)


def drop(stream: TextIO) -> None:
    """Send what a stream still holds to nowhere: Python flushes it once more at its end."""
    with suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)


def _written(error: UnicodeError) -> tuple[str | bytes, int]:
    r"""Return what stands for the signs that an encoding lacks.

    Example:
        >>> codecs.register_error(HANDLER, _written)
        >>> "1 ± 2 \udcff".encode("ascii", HANDLER)
        b'1 +- 2 \\udcff'
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    plain = "".join(
        SIGNS.get(sign, sign.encode("ascii", "backslashreplace").decode()) for sign in signs
    )
    return plain, error.end
