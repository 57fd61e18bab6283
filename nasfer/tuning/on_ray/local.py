"""A Ray of our own on this machine: a folder for it, a token, and no door to the network.

Whoever can speak to Ray's ports runs code as the user. So every Ray that nasfer starts listens on
the loopback interface alone, and refuses whoever has not its token, other users of the machine
included. The token is drawn for the while, stands in the environment of the driver and of Ray's
processes, and in no file and on no command line.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nasfer.errors import ResourceError
from nasfer.runs.owner import MARKER_FILE, Owner, read_owner

TEMPORARY = "nasfer-"

TOKEN = "RAY_AUTH_TOKEN"
"""Variable that holds the token; it goes before the user's own file of one."""

LOOPBACK = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""Variable that, set to 0, has Ray know this machine by 127.0.0.1 alone, on Linux too."""


@contextmanager
def own_cluster() -> Iterator[Path]:
    """Prepare this process to start a Ray, and put it back afterwards; yields Ray's folder.

    Raises:
        ResourceError: this version of Ray takes no token from us.
    """
    mine = {"RAY_AUTH_MODE": "token", TOKEN: secrets.token_hex(32), LOOPBACK: "0"}
    before = {name: os.environ.pop(name, None) for name in mine}
    remove_stale()
    folder = _temporary()
    try:
        os.environ |= mine
        with _loopback():
            _read_anew()
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value
        _read_anew()


@contextmanager
def _loopback() -> Iterator[None]:
    """Have a Ray that is imported already know this machine by 127.0.0.1, for the while."""
    from ray._private import ray_constants

    before = ray_constants.ENABLE_RAY_CLUSTER
    ray_constants.ENABLE_RAY_CLUSTER = False
    try:
        yield
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = before


def _read_anew() -> None:
    """Have Ray read mode and token from the environment, which it does once by itself.

    Raises:
        ResourceError: this version of Ray cannot be told so.
    """
    try:
        from ray._raylet import AuthenticationTokenLoader, Config  # type: ignore[attr-defined]

        Config.initialize("")
        AuthenticationTokenLoader.instance().reset_cache()
    except (ImportError, AttributeError) as error:
        raise ResourceError(f"this version of Ray takes no token from nasfer: {error}") from None


def _temporary() -> Path:
    """A short path, for Unix sockets end at about 107 characters; its name says whose it is."""
    parent = "/tmp" if os.path.isdir("/tmp") else None
    path = Path(tempfile.mkdtemp(prefix=f"{TEMPORARY}{os.getpid()}-", dir=parent))
    (path / MARKER_FILE).write_text(Owner.this().text())
    return path


def remove_stale(parent: Path = Path("/tmp")) -> None:
    """Remove what killed processes of this user, machine and container left behind.

    Only a folder with the marker of a process that lives no more is ours to remove.
    """
    for path in parent.glob(f"{TEMPORARY}[0-9]*-*"):
        with suppress(OSError):
            told = path.lstat()
            if told.st_uid != os.getuid() or not stat.S_ISDIR(told.st_mode):
                continue
            owner = read_owner(path / MARKER_FILE)
            if owner is not None and owner.is_gone:
                shutil.rmtree(path, ignore_errors=True)
