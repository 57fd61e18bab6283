"""The book of a tuning: which trials are wanted, and what is known of each. Survives the driver."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nasfer.errors import RunFolderError
from nasfer.runs.folder import LEDGER_FILE, RunFolder, write_atomic
from nasfer.tuning.settings import TrialSpec
from nasfer.tuning.trial import EPOCHS_FILE, TRIALS_FILE, identity, read_result, trial_folder

NUMBERS = ("val_accuracy", "test", "flops", "macs", "params", "layers")
REST = ("checkpoint", "checkpoint_bytes", "zen_closed_form")


class Book:
    """Wanted trials (``trials.jsonl``) and finished ones (``ledger.jsonl``) of a run folder.

    What is wanted and not in the ledger is still to be done; nothing else is ever trained.

    Args:
        folder: of the run.
        retry_failed: count trials that failed as not done.
    Raises:
        RunFolderError: a file is damaged; the message names file and line.
    """

    def __init__(self, folder: RunFolder, *, retry_failed: bool = False) -> None:
        self.folder = folder
        self.specs: dict[str, TrialSpec] = {}
        self.lines: dict[str, dict[str, Any]] = {}
        for number, line in enumerate(folder.ledger(TRIALS_FILE), start=1):
            try:
                spec = TrialSpec(**line)
            except TypeError:
                raise RunFolderError(
                    f"{folder.path / TRIALS_FILE}:{number}: no trial; remove the line"
                ) from None
            self.specs[spec.key] = spec
        for number, line in enumerate(folder.ledger(), start=1):
            if not isinstance(line, dict) or not {"trial", "status"} <= line.keys():
                raise RunFolderError(
                    f"{folder.path / LEDGER_FILE}:{number}: no trial and status; remove the line"
                )
            self.lines[line["trial"]] = line
        if retry_failed:
            self.lines = {k: x for k, x in self.lines.items() if x["status"] != "failed"}

    def recover(self) -> int:
        """Enter the trials that ended while no driver looked; return how many.

        Raises:
            TrialError: a trial's result file is damaged.
        """
        found = 0
        for spec in self.open():
            line = read_result(trial_folder(self.folder.path, spec.key))
            if line is not None:
                self.enter(line)
                found += 1
        return found

    def want(self, specs: Iterable[TrialSpec]) -> None:
        """Add wanted trials, all or none; those that are wanted already stay as they are."""
        known = {**self.specs, **{spec.key: self.specs.get(spec.key, spec) for spec in specs}}
        if len(known) > len(self.specs):
            text = "".join(json.dumps(spec.plain()) + "\n" for spec in known.values())
            write_atomic(self.folder.path / TRIALS_FILE, text)
            self.specs = known

    def open(self) -> list[TrialSpec]:
        """Return the wanted trials without a line, in the order in which they were wanted."""
        return [spec for key, spec in self.specs.items() if key not in self.lines]

    def enter(self, line: dict[str, Any]) -> None:
        """Write one finished trial down.

        Raises:
            RunFolderError: it cannot be written; what was there stays readable.
        """
        self.folder.append(line)
        self.lines[line["trial"]] = line

    def enter_result(self, spec: TrialSpec) -> dict[str, Any] | None:
        """Enter what the trial's own folder says, if it came to its end."""
        line = read_result(trial_folder(self.folder.path, spec.key))
        if line is not None:
            self.enter(line)
        return line

    def enter_end(self, spec: TrialSpec, status: str, error: str | None) -> dict[str, Any]:
        """Enter a trial that did not come to its end: ``stopped`` early, or ``failed``.

        It has no figures but its epochs and best validation accuracy; a failed one has not even
        that accuracy, so that errors never become scores.
        """
        epochs = self.epochs(spec.key)
        line: dict[str, Any] = {**identity(spec), "status": status, "epochs": len(epochs)}
        line |= dict.fromkeys((*NUMBERS, *REST))
        if status == "stopped":
            line["val_accuracy"] = max(epochs.values(), default=None)
        line["seconds"] = self.seconds(spec.key)
        line["error"] = error
        self.enter(line)
        return line

    def epochs(self, key: str) -> dict[int, float]:
        """Return the validation accuracy of each epoch that a trial has done."""
        return {line["epoch"]: line["val_accuracy"] for line in self._epoch_lines(key)}

    def seconds(self, key: str) -> float:
        """Return the time that a trial's epochs took, repeated ones included."""
        return float(sum(line["seconds"] for line in self._epoch_lines(key)))

    def _epoch_lines(self, key: str) -> list[dict[str, Any]]:
        return read_lines(trial_folder(self.folder.path, key) / EPOCHS_FILE)

    def with_status(self, status: str) -> list[dict[str, Any]]:
        """Return the lines of wanted trials that ended so."""
        return [
            self.lines[key]
            for key in self.specs
            if key in self.lines and self.lines[key]["status"] == status
        ]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the readable lines of a file that another process may be writing to."""
    if not path.exists():
        return []
    lines = []
    for line in path.read_bytes().split(b"\n"):
        try:
            lines.append(json.loads(line))
        except ValueError:
            continue
    return lines
