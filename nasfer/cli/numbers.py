"""Numbers on the command line: whole ones that 31 bits hold, others finite, whatever the option."""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable
from typing import Any

from nasfer.cli.streams import drop
from nasfer.errors import SpecError

LARGEST = 2**31 - 1
"""Of whole numbers; libraries below us take no larger ones."""


def checked(command: Callable[..., Any]) -> Callable[..., Any]:
    """Return a command that refuses numbers out of range, by `SpecError`, before it begins.

    Example:
        >>> checked(lambda seed: seed)(seed=10**30)
        Traceback (most recent call last):
        nasfer.errors.SpecError: `seed`: a number of 31 digits; 2,147,483,647 at most is allowed
    """

    @functools.wraps(command)
    def call(**arguments: Any) -> Any:
        for name, value in arguments.items():
            _check(name, value)
        try:
            return command(**arguments)
        except BrokenPipeError:  # typer would end with 1; but the reader has seen enough
            drop(sys.stdout)
            return 0

    return call


def _check(name: str, value: Any) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise SpecError(f"`{name}`: {value} is no finite number")
    if isinstance(value, int) and abs(value) > LARGEST:
        shown = str(value) if abs(value) < 10**20 else f"a number of {len(str(value))} digits"
        raise SpecError(f"`{name}`: {shown}; {LARGEST:,} at most is allowed")
