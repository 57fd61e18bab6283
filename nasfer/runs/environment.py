"""The process: what a run folder says of it, and how its threads wait.

Nothing here changes a caller's process; the command line and workers are nasfer's own.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import metadata
from typing import Any

PACKAGES = ("nasfer", "torch", "numpy", "pandas")
"""Those whose version may change a figure."""

WAITING = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")
"""Variables that say how OpenMP's threads wait."""

SPIN_COUNT = 10_000
"""Rounds for which they spin: results/busy_machine.md has what other numbers cost."""


def run_record(command: str | None = None, threads: int | None = None) -> dict[str, Any]:
    """Return what tells where and how a run was made; it decides nothing.

    Args:
        command: as a user typed it; ``None``: this process's own.
        threads: that computed; ``None``: those that this process is allowed.
    Example:
        >>> run_record("nasfer train zennet_m", threads=1)["threads"]
        1
    """
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return {
        "command": command or " ".join(sys.argv),
        "versions": versions,
        "machine": platform.machine(),
        "threads": threads or allowed_threads(),
    }


def allowed_threads() -> int:
    """Return the threads that ``OMP_NUM_THREADS`` allows, else one a core."""
    asked = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return int(asked) if asked.isdecimal() and int(asked) else os.cpu_count() or 1


def waiting(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables by which torch's threads soon sleep while they wait.

    Spinning saves a wake-up on an idle machine; beside other torch processes it burns the time
    that they need, and everything takes many times its share. Never to spin costs an idle machine
    a third; so many rounds cost 3 %, and keep a busy one within twice its fair share. OpenMP reads
    the variables once, so they must be set before torch is imported.

    Args:
        environment: of the process; where it says how to wait, that is returned.
    Example:
        >>> waiting({})
        {'GOMP_SPINCOUNT': '10000'}
        >>> waiting({"GOMP_SPINCOUNT": "100000"})
        {'GOMP_SPINCOUNT': '100000'}
    """
    said = {name: environment[name] for name in WAITING if name in environment}
    return said or {"GOMP_SPINCOUNT": str(SPIN_COUNT)}


@contextmanager
def environment_put_back() -> Iterator[None]:
    """Put the variables of the process back afterwards: some packages set theirs when imported.

    Example:
        >>> with environment_put_back():
        ...     os.environ["KMP_INIT_AT_FORK"] = "FALSE"
        >>> "KMP_INIT_AT_FORK" in os.environ
        False
    """
    before = dict(os.environ)
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)
