"""Run a command here, in this process, and hold it to the promise of one line and exit 2."""

from __future__ import annotations

import io
import os
import resource
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any

from hypothesis import HealthCheck, settings

from nasfer.cli.app import run
from nasfer.errors import NasferError

SECONDS = 30.0
"""Of this process, that no example may take; what waits for ever ends by pytest's own limit."""

MEBIBYTES = 512
"""By which no example may raise the most memory that this process ever had."""

FACTOR = float(os.environ.get("NASFER_FUZZ", "1"))
"""How many times as many examples as in CI; `scripts/fuzz.sh` sets it."""


def examples(count: int) -> Any:
    """Return hypothesis' settings for a test of so many examples in CI."""
    return settings(
        max_examples=max(1, round(count * FACTOR)), deadline=None, derandomize=FACTOR == 1,
        database=None, suppress_health_check=list(HealthCheck),
    )  # fmt: skip


def holds(*arguments: str) -> int:
    """Assert that a command is done, or says in one line what is wrong; soon, in either case.

    The last net of ``main`` is not under it: what would be caught there is a failure here. Returns
    the exit code.
    """
    out, err = io.StringIO(), io.StringIO()
    with bounded(), redirect_stdout(out), redirect_stderr(err), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = warnings.formatwarning
        try:
            code = run(arguments)
        finally:
            warnings.formatwarning = before
    assert code in (0, 1, 2), code
    if code == 2:
        last = err.getvalue().splitlines()[-1]
        assert last.startswith("nasfer: "), last
        assert "\x1b" not in last
    assert "Traceback" not in err.getvalue()
    return code


def refused_or_done(function: Callable[..., Any], *arguments: Any) -> None:
    """Assert that a function returns or raises a `NasferError`, soon."""
    with bounded(), suppress(NasferError):
        function(*arguments)


@contextmanager
def bounded() -> Iterator[None]:
    """Assert that what is within takes neither long nor much memory."""
    began, before = time.process_time(), most_memory()
    yield
    assert time.process_time() - began < SECONDS
    assert most_memory() - before < MEBIBYTES, f"{most_memory() - before} MiB more"


def most_memory() -> int:
    """Return the most memory that this process ever had, in MiB; Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
