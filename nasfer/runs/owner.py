"""Whose something is: a process, by more than its number, which others get after it."""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from nasfer.runs.atomic import is_file

MARKER_FILE = ".nasfer.json"
"""In a folder that its process removes when it ends, and another when that one was killed."""

MARKER_BYTES = 4096
"""A marker is not longer."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A process.

    Args:
        pid: its number.
        host: name of the machine, for people.
        place: the start of the machine and the namespace in which the number counts; two
            containers on one machine have two.
        started: when it began, in ticks since the machine started; empty if unknown.
    """

    pid: int
    host: str
    place: str
    started: str

    @classmethod
    def this(cls) -> Owner:
        """Return this process."""
        return cls(os.getpid(), socket.gethostname(), _place(), _started(os.getpid()))

    @property
    def is_gone(self) -> bool:
        """Whether it surely lives no more; of another machine or container nobody knows."""
        if (self.host, self.place) != (socket.gethostname(), _place()) or self.pid <= 0:
            return False
        try:
            os.kill(self.pid, 0)
        except (ProcessLookupError, OverflowError):
            return True
        except OSError:  # it is another user's
            return False
        return bool(self.started) and _started(self.pid) != self.started

    def text(self) -> str:
        """Return the line for a marker file."""
        return json.dumps(asdict(self)) + "\n"

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


def read_owner(marker: Path) -> Owner | None:
    """Return whose marker file this is, ``None`` where it is none."""
    if not is_file(marker):
        return None
    try:
        with marker.open("rb") as file:
            data = json.loads(file.read(MARKER_BYTES))
        return Owner(int(data["pid"]), *(str(data[k]) for k in ("host", "place", "started")))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _place() -> str:
    boot, namespace = "", ""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    with suppress(OSError):
        namespace = os.readlink("/proc/self/ns/pid")
    return f"{boot} {namespace}"


def _started(pid: int) -> str:
    """Return the 22nd field of Linux' ``stat`` of a process; the second may hold spaces."""
    with suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[19]
    return ""
