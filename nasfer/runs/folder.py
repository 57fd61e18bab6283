"""Run folders: atomic files, settings that must agree, and an append-only ledger."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from nasfer.errors import NasferWarning, RunFolderError

SETTINGS_FILE = "run.yaml"
LEDGER_FILE = "ledger.jsonl"
LATENCY_FILE = "latency.json"
"""Of a tuning: by digest, how long one image takes."""


def read_latencies(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what `LATENCY_FILE` of a tuning holds, empty where nothing was timed yet.

    Raises:
        RunFolderError: the file is damaged.
    """
    path = folder / LATENCY_FILE
    try:
        found: dict[str, dict[str, Any]] = json.loads(path.read_bytes()) if path.exists() else {}
    except ValueError:
        raise RunFolderError(f"{path}: damaged; remove it to measure anew") from None
    return found


def write_atomic(path: Path, content: str | bytes) -> None:
    """Replace a file as a whole: readers see the old content or the new, also after a crash.

    Raises:
        RunFolderError: the file cannot be written (no permission, no space).
    """
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(path.name + ".tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise RunFolderError(f"{path}: cannot be written: {error.strerror}") from None


class RunFolder:
    """One run on disk; the same settings on the same folder go on where it stopped.

    Args:
        path: the folder, made if missing.
        settings: plain data that decides the result (not where it runs or how it looks).
        record: further facts kept in ``run.yaml``: command, versions, threads.
        modern: returns the settings of a saved run under today's names.
    Raises:
        RunFolderError: the folder cannot be written, is damaged, or holds other settings; the
            message names the first difference.
    """

    def __init__(
        self,
        path: Path,
        settings: Mapping[str, Any],
        record: Mapping[str, Any],
        *,
        modern: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict,
    ) -> None:
        self.path = path
        self._modern = modern
        self._settings = dict(settings)
        self._record = dict(record)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunFolderError(f"{path}: cannot be made: {error.strerror}") from None
        for leftover in path.glob("*.tmp"):
            leftover.unlink()
        if (path / SETTINGS_FILE).exists():
            self._compare(read_run(path))
        else:
            self._write(finished=False)

    def _compare(self, run: dict[str, Any]) -> None:
        found = self._modern(run["settings"])
        for name in sorted(self._settings.keys() | found.keys()):
            there, asked = found.get(name), self._settings.get(name)
            if there != asked:
                raise RunFolderError(
                    f"{self.path}: this folder holds a run with {name} = {there}, asked for"
                    f" {name} = {asked}; choose another --out"
                )

    def _write(self, *, finished: bool) -> None:
        content = {"finished": finished, "settings": self._settings, **self._record}
        write_atomic(self.path / SETTINGS_FILE, yaml.safe_dump(content, sort_keys=False))

    @property
    def finished(self) -> bool:
        """Whether the run came to its end."""
        return bool(read_run(self.path)["finished"])

    def finish(self) -> None:
        """Mark the run as finished; from now on it is reported, not redone."""
        self._write(finished=True)

    def append(self, record: Mapping[str, Any], file: str = LEDGER_FILE) -> None:
        """Add one line to the ledger, or another such file, on disk when this returns.

        Raises:
            RunFolderError: the line cannot be written; what was there before stays readable.
        """
        path = self.path / file
        try:
            with path.open("a") as lines:
                lines.write(json.dumps(record) + "\n")
                lines.flush()
                os.fsync(lines.fileno())
        except OSError as error:
            raise RunFolderError(f"{path}: cannot be written: {error.strerror}") from None

    def ledger(self, file: str = LEDGER_FILE) -> list[dict[str, Any]]:
        """Return the ledger's lines, or another such file's.

        A last line that was cut off by a crash is dropped, and said so.

        Raises:
            RunFolderError: another line is damaged.
        """
        path = self.path / file
        if not path.exists():
            return []
        records, whole = read_lines(path)
        if whole is not None:
            write_atomic(path, whole)
        return records

    def write_state(self, state: Mapping[str, Any]) -> None:
        """Save the state from which an interrupted run goes on."""
        write_atomic(self.path / "state.json", json.dumps(state))

    def read_state(self) -> dict[str, Any] | None:
        """Return the saved state, ``None`` if there is none.

        Raises:
            RunFolderError: the file is damaged.
        """
        path = self.path / "state.json"
        if not path.exists():
            return None
        try:
            state: dict[str, Any] = json.loads(path.read_bytes())
        except ValueError:
            raise RunFolderError(f"{path}: damaged; remove it to search anew") from None
        return state


def read_run(path: Path) -> dict[str, Any]:
    """Return what ``run.yaml`` of a run folder says.

    Raises:
        RunFolderError: there is none, or it is damaged.
    """
    file = path / SETTINGS_FILE
    try:
        run = yaml.safe_load(file.read_text())
    except (OSError, UnicodeDecodeError):
        raise RunFolderError(f"{path}: no run folder, {SETTINGS_FILE} cannot be read") from None
    except yaml.YAMLError:
        run = None
    if not isinstance(run, dict) or not isinstance(run.get("settings"), dict):
        raise RunFolderError(f"{file}: damaged; a mapping with 'settings' is needed")
    return run


def read_lines(path: Path) -> tuple[list[dict[str, Any]], bytes | None]:
    """Return the lines of a ledger, and change nothing: the run may be going on.

    Returns:
        The lines, none where there is no such file; then the file without a last line that a crash
        cut off, which is dropped with a warning, or ``None`` where no line was.
    Raises:
        RunFolderError: another line is damaged.
    """
    if not path.exists():
        return [], None
    lines = path.read_bytes().split(b"\n")
    records = []
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            records.append(json.loads(line))
        except ValueError:
            if number < len(lines):
                raise RunFolderError(f"{path}:{number}: damaged line; remove it") from None
            warnings.warn(
                f"{path}: dropped a last line cut off by a crash", NasferWarning, stacklevel=3
            )
            return records, b"".join(kept + b"\n" for kept in lines[: number - 1])
    return records, None
