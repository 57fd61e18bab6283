"""The book of a tuning: which trials are wanted, and what is known of each. Survives the driver."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from nasfer.errors import RunFolderError
from nasfer.runs.appended import text_of
from nasfer.runs.files import EPOCHS_FILE, LEDGER_FILE, TRIALS_FILE, trial_folder
from nasfer.runs.folder import RunFolder, read_lines, write_atomic
from nasfer.runs.lines import records_of
from nasfer.runs.records import EpochRecord, Status, TrialRecord, TrialSpec
from nasfer.tuning.trial import read_record


class Book:
    """Wanted trials (``trials.jsonl``) and finished ones (``ledger.jsonl``) of a run folder.

    What is wanted and not in the ledger is still to be done; nothing else is ever trained. Both
    files are read once, here; from then on the book knows what it writes.

    Args:
        folder: of the run.
        retry_failed: count trials that failed as not done.
        epochs: of the run; trials that ended when it had fewer are not done either. ``None``: all
            that ended are.
    Attributes:
        shorter: the trials that ended when the run had fewer epochs.
    Raises:
        RunFolderError: a file is damaged; the message names file and line.
    """

    def __init__(
        self, folder: RunFolder, *, retry_failed: bool = False, epochs: int | None = None
    ) -> None:
        self.folder = folder
        self._epochs = epochs
        wanted = records_of(folder.ledger(TRIALS_FILE), TrialSpec, folder.path / TRIALS_FILE)
        ended = records_of(folder.ledger(), TrialRecord, folder.path / LEDGER_FILE)
        self.specs = {spec.key: spec for spec in wanted}
        self.records = {record.trial: record for record in ended}
        for key in self.records.keys() - self.specs.keys():
            raise RunFolderError(
                f"{folder.path / TRIALS_FILE}: damaged: trial {key} ended and is not in it"
            )
        self.shorter = [key for key, one in self.records.items() if not one.reaches(epochs)]
        for key in self.shorter:
            del self.records[key]
        if retry_failed:
            self.records = {k: x for k, x in self.records.items() if x.status != "failed"}

    def recover(self) -> int:
        """Enter the trials that ended while no driver looked; return how many.

        Raises:
            TrialError: a trial's record is damaged.
        """
        return sum(self.enter_result(spec) is not None for spec in self.open())

    def want(self, specs: Iterable[TrialSpec]) -> None:
        """Add wanted trials, all or none; those that are wanted already stay as they are."""
        known = {**self.specs, **{spec.key: self.specs.get(spec.key, spec) for spec in specs}}
        if len(known) > len(self.specs):
            text = text_of(spec.to_dict() for spec in known.values())
            write_atomic(self.folder.path / TRIALS_FILE, text)
            self.specs = known

    def open(self) -> list[TrialSpec]:
        """Return the wanted trials without a record, in the order in which they were wanted."""
        return [spec for key, spec in self.specs.items() if key not in self.records]

    def ended(self, status: Status | None = None) -> list[TrialRecord]:
        """Return the records of wanted trials, in their order; those that ended so, if asked."""
        found = (self.records[key] for key in self.specs if key in self.records)
        return [record for record in found if status in (None, record.status)]

    def enter(self, record: TrialRecord) -> None:
        """Write one finished trial down.

        Raises:
            RunFolderError: it cannot be written; what was there stays readable.
        """
        self.folder.append(record.to_dict())
        self.records[record.trial] = record

    def enter_result(self, spec: TrialSpec) -> TrialRecord | None:
        """Enter what the trial's own folder says, if it came to its end."""
        record = read_record(trial_folder(self.folder.path, spec.key), self._epochs)
        if record is not None:
            self.enter(record)
        return record

    def enter_end(
        self, spec: TrialSpec, status: Literal["stopped", "failed"], error: str | None
    ) -> TrialRecord:
        """Enter a trial that did not come to its end: ``stopped`` early, or ``failed``.

        It has no figures but its epochs and best validation accuracy; a failed one has not even
        that accuracy, so that errors never become scores.
        """
        epochs = self.epochs(spec.key)
        done = {epoch.epoch: epoch.val_accuracy for epoch in epochs}
        record = TrialRecord.of(
            spec,
            status,
            len(done),
            val_accuracy=max(done.values(), default=None) if status == "stopped" else None,
            seconds=float(sum(epoch.seconds for epoch in epochs)),
            error=error,
        )
        self.enter(record)
        return record

    def epochs(self, key: str) -> list[EpochRecord]:
        """Return the epochs that a trial has done, repeated ones included."""
        return read_epochs(self.folder.path, key)


def read_epochs(run: Path, key: str) -> list[EpochRecord]:
    """Return the epochs that a trial has done; its worker may be writing there."""
    path = trial_folder(run, key) / EPOCHS_FILE
    return records_of(read_lines(path, live=True), EpochRecord, path)
