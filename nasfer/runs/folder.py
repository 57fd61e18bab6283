"""Run folders: settings that must agree, states and ledgers that are of these settings."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml

from nasfer.errors import NasferError, NasferWarning, RunFolderError, SpecError
from nasfer.reading import load_json
from nasfer.runs.appended import append_line, read_lines, whole_lines
from nasfer.runs.atomic import discard, is_temporary, make_folder, write_atomic
from nasfer.runs.described import Kind, Run, read_run
from nasfer.runs.extending import Step, digests, grown, had, identifying, steps
from nasfer.runs.files import LEDGER_FILE, RUN_FILE, STATE_FILE, TRIALS_FILE
from nasfer.runs.fingerprints import complaint, fingerprints
from nasfer.runs.lock import LOCK_FILE, held
from nasfer.runs.ours import check_ours
from nasfer.runs.seal import SEAL, sealed, unsealed

__all__ = [
    "Kind", "Run", "RunFolder", "read_lines", "read_run", "run_folder", "write_atomic",
]  # fmt: skip


@contextmanager
def run_folder(
    path: Path,
    settings: Mapping[str, Any],
    record: Mapping[str, Any],
    *,
    kind: Kind,
    modern: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict,
) -> Iterator[RunFolder]:
    """Open a run folder, and hold its lock, for the while of a run; see `RunFolder`.

    A run that fails before there is anything worth keeping (`RunFolder.keep`) leaves nothing, so
    that the corrected command finds no folder of other settings.

    Raises:
        RunFolderError: as `RunFolder`; or another process works in the folder.
    """
    check_ours(path, kind)
    existed = os.path.exists(path)
    with held(path):
        folder = RunFolder(path, settings, record, kind=kind, modern=modern)
        try:
            yield folder
        except RunFolderError:  # a full disk, say: what is there is needed
            raise
        except NasferError:
            if folder.withdraw() and not existed:
                with suppress(OSError):  # something is in it that is not ours
                    path.rmdir()
            raise


class RunFolder:
    """One run on disk; the same settings on the same folder go on where it stopped.

    Settings that say how far it goes (`nasfer.runs.extending.REACH`) may be larger: that extends
    the run, once `extend` is called. Who works in it holds its lock, as `run_folder` does.

    Args:
        path: the folder, made if missing; one without ``run.yaml`` must be empty.
        settings: plain data that decides the result (not where it runs or how it looks).
        record: further facts kept in ``run.yaml``: command, versions, threads.
        kind: what is run.
        modern: returns the settings of a saved run under today's names.
    Attributes:
        sealed: whether its files carry digests; those of older versions do not, and stay so.
        steps: how the settings go further than the folder does; none once `extend` was called.
    Raises:
        RunFolderError: the folder cannot be written, is damaged, is a user's, or holds another
            kind of run, other settings or a longer run; the message names the first difference.
    """

    def __init__(
        self,
        path: Path,
        settings: Mapping[str, Any],
        record: Mapping[str, Any],
        *,
        kind: Kind,
        modern: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict,
    ) -> None:
        self.path = path
        self._modern = modern
        self.kind: Kind = kind
        self._settings = dict(settings)
        self._record = dict(record)
        check_ours(path, kind)
        make_folder(path)
        for leftover in filter(is_temporary, path.glob(".nasfer-*.tmp")):
            discard(leftover)
        self._fresh, self.sealed = not os.path.exists(path / RUN_FILE), True
        self._extended: tuple[Mapping[str, Any], ...] = ()
        self.steps: tuple[Step, ...] = ()
        if self._fresh:
            self._write(finished=False)
        else:
            run = read_run(path)
            self.steps = self._compare(run)
            self._asked, self._extended = self._settings, run.extended
            self._settings, self.sealed = dict(run.settings), run.sealed

    @property
    def digests(self) -> tuple[str, ...]:
        """Of the settings; every state carries one of them, and a new one carries the first."""
        return digests(self.kind, self._settings, self._extended)

    def had(self, name: str) -> list[Any]:
        """Return what a setting that grows has been, as in ``run.yaml``, oldest first."""
        return had(name, self._settings, self._extended)

    def extend(self, **facts: Any) -> None:
        """Let the run go as far as it is asked to, if that is further; from now on it is open.

        Args:
            **facts: kept beside each step in ``extended`` of ``run.yaml``.
        """
        if self.steps:
            self._settings = grown(self.kind, self._settings, self._asked)
            entries = ({**step.entry(), **facts} for step in self.steps)
            self._extended, self.steps = (*self._extended, *entries), ()
            self._write(finished=False)

    def keep(self) -> None:
        """Note that there is something worth keeping, whatever comes."""
        self._fresh = False

    def withdraw(self) -> bool:
        """Remove what this run wrote, if it is new and nothing is worth keeping; whether it was."""
        if self._fresh:
            for name in (STATE_FILE, LEDGER_FILE, TRIALS_FILE, RUN_FILE, LOCK_FILE):
                discard(self.path / name)
        return self._fresh

    def _compare(self, run: Run) -> tuple[Step, ...]:
        if run.kind != self.kind:
            raise RunFolderError(
                f"{self.path}: this folder holds a run of nasfer {run.kind}, not of"
                f" nasfer {self.kind}; choose another `out`"
            )
        saved = self._modern(run.settings)
        holds = f"{self.path}: this folder holds a run with"
        theirs, ours = (identifying(self.kind, one) for one in (saved, self._settings))
        for name in sorted(ours.keys() | theirs.keys()):
            there, asked = theirs.get(name), ours.get(name)
            if there != asked:
                raise RunFolderError(
                    f"{holds} {name} = {there}, asked for {name} = {asked}; choose another `out`"
                )
        try:
            return steps(self.kind, saved, self._settings)
        except ValueError as error:
            raise RunFolderError(f"{holds} {error}; choose another `out`") from None

    def _write(self, *, finished: bool, files: Iterable[str] = ()) -> None:
        content: dict[str, Any] = {"kind": self.kind, "finished": finished}
        content["settings"] = self._settings
        if self._extended:
            content["extended"] = list(self._extended)
        if finished:
            content["files"] = fingerprints(self.path, files)
        content = {**content, **self._record}
        text = yaml.safe_dump(sealed(content) if self.sealed else content, sort_keys=False)
        write_atomic(self.path / RUN_FILE, text)

    @property
    def finished(self) -> bool:
        """Whether the run came to its end, and is asked to go no further."""
        return read_run(self.path).finished and not self.steps

    def finish(self, files: Iterable[str] = ()) -> None:
        """Mark the run as finished; from now on it is reported, not redone.

        Args:
            files: of which it keeps in mind how they were; those that are missing are left out.
        """
        self._write(finished=True, files=files)

    def reopen(self) -> None:
        """Mark a finished run as one that goes on: its files change again."""
        self._write(finished=False)

    def changed(self, names: Iterable[str] | None = None) -> list[str]:
        """Return how files differ from what the finished run left, a line each.

        Args:
            names: of the files; ``None``: all that the run kept in mind.
        """
        known = read_run(self.path).files
        wrong = (
            complaint(self.path / name, known[name])
            for name in (known if names is None else names)
            if name in known
        )
        return [line for line in wrong if line is not None]

    def append(self, record: Mapping[str, Any], file: str = LEDGER_FILE) -> None:
        """Add one line to the ledger, or another such file, on disk when this returns.

        Raises:
            RunFolderError: the line cannot be written; what was there before stays readable.
        """
        append_line(self.path / file, record)

    def ledger(self, file: str = LEDGER_FILE) -> list[dict[str, Any]]:
        """Return the ledger's lines, or another such file's, as its one writer.

        A last line that was cut off by a crash is dropped from the file, and said so.

        Raises:
            RunFolderError: another line is damaged.
        """
        path = self.path / file
        records, whole = whole_lines(path)
        if whole is not None:
            text = f"{path}: dropped a last line cut off by a crash"
            warnings.warn(text, NasferWarning, stacklevel=2)
            write_atomic(path, whole)
        return records

    def write_state(self, state: Mapping[str, Any]) -> None:
        """Save the state from which an interrupted run goes on, with the settings it is of."""
        write_atomic(
            self.path / STATE_FILE,
            json.dumps(sealed({"settings": self.digests[0], "state": state})),
        )

    def read_state(self) -> dict[str, Any] | None:
        """Return the saved state, ``None`` if there is none.

        Raises:
            RunFolderError: the file is damaged, or of other settings.
        """
        path = self.path / STATE_FILE
        if not path.exists():
            return None
        try:
            data: dict[str, Any] = load_json(path, SpecError, finite=False)
            if SEAL not in data and not self.sealed:
                return data  # an older version's
            if SEAL not in data or unsealed(data)["settings"] not in self.digests:
                raise RunFolderError(
                    f"{path}: of other settings than {RUN_FILE}; remove it to search anew"
                )
            state: dict[str, Any] = data["state"]
        except RunFolderError:
            raise
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            raise RunFolderError(f"{path}: damaged; remove it to search anew") from None
        return state
