"""What a run folder keeps beside its settings: the command, versions, the machine, threads."""

from __future__ import annotations

import os
import platform
import sys
from contextlib import suppress
from importlib import metadata
from typing import Any

PACKAGES = ("nasfer", "torch", "numpy", "pandas")
"""Those whose version may change a figure."""


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
