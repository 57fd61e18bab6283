"""Where a tuning stands, for a table on a terminal, a line in a pipe, or another process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nasfer.quantity import format_duration
from nasfer.runs.records import TrialRecord

if TYPE_CHECKING:
    from nasfer.tuning.book import Book
    from nasfer.tuning.proposing.plan import Plan


@dataclass(frozen=True, slots=True)
class TuneProgress:
    """Where a tuning stands.

    Args:
        total: trials.
        running: now.
        done: came to their end.
        stopped: by the scheduler.
        failed: for good.
        epochs: done by trials that run now, by the trial's label.
        trial_epochs: of a trial that comes to its end; 0 where nobody knows.
        best: best validation accuracy of finished trials, a fraction; ``None`` before the first.
        best_source: whose it is.
        epochs_per_s: of this process; 0 before the first.
        seconds_left: estimated; ``None`` before the first epoch.
        timed: when all are trained, how far the timing of latencies is: the stage, how much of it
            is done, and how much there is; ``None`` before.
    """

    total: int
    running: int
    done: int
    stopped: int
    failed: int
    epochs: Mapping[str, int] = field(default_factory=dict)
    trial_epochs: int = 0
    best: float | None = None
    best_source: str | None = None
    epochs_per_s: float = 0.0
    seconds_left: float | None = None
    timed: tuple[str, int, int] | None = None

    @property
    def ended(self) -> int:
        """Trials that need no more work."""
        return self.done + self.stopped + self.failed

    @property
    def share(self) -> float:
        """How much of the work is done, from 0 to 1; a stopped trial is a whole one.

        Example:
            >>> TuneProgress(4, 1, 1, 1, 0, {"a, seed 0": 5}, trial_epochs=10).share
            0.625
        """
        done = self.ended + sum(self.epochs.values()) / max(self.trial_epochs, 1)
        return done / max(self.total, 1)

    def line(self) -> str:
        """Return one line for a person.

        Example:
            >>> TuneProgress(4, 1, 2, 0, 0, best=0.5, best_source="zennet_m").line()
            'trials 2/4: 1 running, 2 done, 0 stopped, 0 failed; best validation 50.0% (zennet_m)'
        """
        text = (
            f"trials {self.ended}/{self.total}: {self.running} running, {self.done} done,"
            f" {self.stopped} stopped, {self.failed} failed"
        )
        if self.best is not None:
            text += f"; best validation {self.best:.1%} ({self.best_source})"
        if self.epochs_per_s:
            text += f"; {self.epochs_per_s:.2f} epochs/s"
        if self.seconds_left is not None:
            text += f", {format_duration(self.seconds_left)} left"
        return text


TuneWatch = Callable[[TuneProgress], None]


def progress_of(
    plan: Plan, book: Book, running: Mapping[str, int], count: int, epochs_per_s: float
) -> TuneProgress:
    """Return where a running tuning stands.

    Args:
        running: epochs of each trial that runs.
        count: trials that run.
        epochs_per_s: of this process so far.
    """
    records = book.ended()
    open_trials = plan.total - len(records)
    left = open_trials * plan.epochs - sum(running.values())
    seconds = left / epochs_per_s if epochs_per_s and open_trials else None
    epochs = {book.specs[key].label: done for key, done in running.items()}
    found = counted(records, plan.total, count, epochs)
    return replace(found, trial_epochs=plan.epochs, epochs_per_s=epochs_per_s, seconds_left=seconds)


def counted(
    records: list[TrialRecord], total: int, running: int, epochs: Mapping[str, int]
) -> TuneProgress:
    """Count ended trials by status and find the best."""
    status = [record.status for record in records]
    best = max(
        (record for record in records if record.val_accuracy is not None),
        key=lambda record: record.val_accuracy or 0.0,
        default=None,
    )
    return TuneProgress(
        total,
        running,
        status.count("done"),
        status.count("stopped"),
        status.count("failed"),
        dict(epochs),
        best=None if best is None else best.val_accuracy,
        best_source=None if best is None else best.source,
    )
