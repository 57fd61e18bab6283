"""Run folders: atomic files, settings that must agree, and append-only ledgers."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from nasfer.errors import NasferWarning, RunFolderError
from nasfer.runs.files import LEDGER_FILE, RUN_FILE, STATE_FILE

Kind = Literal["search", "train", "tune", "trial"]
"""What a run folder holds: a search, one training, many trainings, or one of these many."""


@dataclass(frozen=True, slots=True)
class Run:
    """What ``run.yaml`` of a folder says.

    Args:
        kind: of the run.
        finished: whether it came to its end.
        settings: what decided its result.
        record: further facts: command, versions, machine, threads.
    """

    kind: Kind
    finished: bool
    settings: Mapping[str, Any]
    record: Mapping[str, Any]


def read_run(path: str | Path) -> Run:
    """Read ``run.yaml`` of a run folder.

    Raises:
        RunFolderError: there is none, or it is damaged.
    """
    file = Path(path) / RUN_FILE
    try:
        content = yaml.safe_load(file.read_text())
    except (OSError, UnicodeDecodeError):
        raise RunFolderError(f"{path}: no run folder, {RUN_FILE} cannot be read") from None
    except yaml.YAMLError:
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("settings"), dict):
        raise RunFolderError(f"{file}: damaged; a mapping with 'settings' is needed")
    settings = dict(content.pop("settings"))
    kind: Any = content.pop("kind", None) or _older_kind(settings, content)
    settings.pop("kind", None)
    if kind not in get_args(Kind):
        raise RunFolderError(f"{file}: kind: {kind!r}; allowed: {', '.join(get_args(Kind))}")
    return Run(kind, bool(content.pop("finished", False)), settings, content)


def _older_kind(settings: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    """Tell what folders hold that were written before ``kind`` stood in them."""
    if "kind" in settings:
        return str(settings["kind"])
    if "objective_proxy" in settings:
        return "search"
    return "trial" if "trial" in record else "train"


class RunFolder:
    """One run on disk; the same settings on the same folder go on where it stopped.

    Args:
        path: the folder, made if missing.
        settings: plain data that decides the result (not where it runs or how it looks).
        record: further facts kept in ``run.yaml``: command, versions, threads.
        kind: what is run.
    Raises:
        RunFolderError: the folder cannot be written, is damaged, or holds another kind of run or
            other settings; the message names the first difference.
    """

    def __init__(
        self, path: Path, settings: Mapping[str, Any], record: Mapping[str, Any], *, kind: Kind
    ) -> None:
        self.path = path
        self.kind: Kind = kind
        self._settings = dict(settings)
        self._record = dict(record)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunFolderError(f"{path}: cannot be made: {error.strerror}") from None
        for leftover in path.glob("*.tmp"):
            leftover.unlink()
        if (path / RUN_FILE).exists():
            self._compare(read_run(path))
        else:
            self._write(finished=False)

    def _compare(self, run: Run) -> None:
        if run.kind != self.kind:
            raise RunFolderError(
                f"{self.path}: this folder holds a run of nasfer {run.kind}, not of"
                f" nasfer {self.kind}; choose another `out`"
            )
        for name in sorted(self._settings.keys() | run.settings.keys()):
            there, asked = run.settings.get(name), self._settings.get(name)
            if there != asked:
                raise RunFolderError(
                    f"{self.path}: this folder holds a run with {name} = {there}, asked for"
                    f" {name} = {asked}; choose another `out`"
                )

    def _write(self, *, finished: bool) -> None:
        content = {"kind": self.kind, "finished": finished, "settings": self._settings}
        text = yaml.safe_dump({**content, **self._record}, sort_keys=False)
        write_atomic(self.path / RUN_FILE, text)

    @property
    def finished(self) -> bool:
        """Whether the run came to its end."""
        return read_run(self.path).finished

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
        """Return the ledger's lines, or another such file's, as its one writer.

        A last line that was cut off by a crash is dropped from the file, and said so.

        Raises:
            RunFolderError: another line is damaged.
        """
        path = self.path / file
        records, whole = _read(path)
        if whole is not None:
            text = f"{path}: dropped a last line cut off by a crash"
            warnings.warn(text, NasferWarning, stacklevel=2)
            write_atomic(path, whole)
        return records

    def write_state(self, state: Mapping[str, Any]) -> None:
        """Save the state from which an interrupted run goes on."""
        write_atomic(self.path / STATE_FILE, json.dumps(state))

    def read_state(self) -> dict[str, Any] | None:
        """Return the saved state, ``None`` if there is none.

        Raises:
            RunFolderError: the file is damaged.
        """
        path = self.path / STATE_FILE
        if not path.exists():
            return None
        try:
            state: dict[str, Any] = json.loads(path.read_bytes())
        except ValueError:
            raise RunFolderError(f"{path}: damaged; remove it to search anew") from None
        return state


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


def read_lines(path: Path, *, live: bool = False) -> list[dict[str, Any]]:
    """Return the lines of a ledger, and change nothing: another process may be writing to it.

    A last line that a crash cut off is left out, and said so; no file has no lines.

    Args:
        live: a process is writing there: a last line that is not whole yet is nothing to tell.
    Raises:
        RunFolderError: another line is damaged.
    """
    records, whole = _read(path)
    if whole is not None and not live:
        warnings.warn(f"{path}: a last line is cut off; left out", NasferWarning, stacklevel=2)
    return records


def _read(path: Path) -> tuple[list[dict[str, Any]], bytes | None]:
    """Return the lines of a file; then the file without a last one that is cut off, if one is."""
    if not path.exists():
        return [], None
    try:
        *lines, last = path.read_bytes().split(b"\n")
    except OSError as error:
        raise RunFolderError(f"{path}: cannot be read: {error.strerror}") from None
    records = []
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            records.append(json.loads(line))
        except ValueError:
            raise RunFolderError(f"{path}:{number}: damaged line; remove it") from None
    return records, b"".join(line + b"\n" for line in lines) if last else None
