"""Where the tuning in a folder stands, from its files alone, also while a process tunes there."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nasfer.errors import RunFolderError
from nasfer.runs.files import EPOCHS_FILE, LEDGER_FILE, TRIAL_FILE, TRIALS_FILE, trial_folder
from nasfer.runs.folder import Run, read_lines, read_run
from nasfer.runs.lines import records_of
from nasfer.runs.records import TrialRecord, TrialSpec
from nasfer.tuning.book import read_epochs
from nasfer.tuning.watching import TuneProgress, counted

RECENT_SECONDS = 600.0
"""A trial that finished an epoch so lately is taken to run."""


@dataclass(frozen=True)
class Status:
    """Where a tuning stands.

    Args:
        progress: counts and the best.
        finished: whether the run came to its end.
        rows: one a trial, for a table.
    """

    progress: TuneProgress
    finished: bool
    rows: list[dict[str, Any]]

    def line(self) -> str:
        """Return one line for a person."""
        return ("finished: " if self.finished else "") + self.progress.line()

    def plain(self) -> dict[str, Any]:
        """Return plain data."""
        names = ("total", "running", "done", "stopped", "failed", "best", "best_source")
        counts = {name: getattr(self.progress, name) for name in names}
        return {"finished": self.finished, **counts, "trials": self.rows}


def read_status(folder: Path) -> Status:
    """Read where a tuning stands; nothing is written.

    Raises:
        RunFolderError: the folder holds no tuning.
    """
    run = read_run(folder)
    if run.kind != "tune":
        raise RunFolderError(f"{folder}: this run is no tuning")
    wanted, ledger = folder / TRIALS_FILE, folder / LEDGER_FILE
    specs = records_of(read_lines(wanted, live=True), TrialSpec, wanted)
    epochs = _epochs(run)
    ended = records_of(read_lines(ledger, live=True), TrialRecord, ledger)
    records = {one.trial: one for one in ended if one.reaches(epochs)}
    rows, running = [], {}
    for spec in specs:
        done, record = read_epochs(folder, spec.key), records.get(spec.key)
        status = _status(folder, spec) if record is None else record.status
        if status == "running":
            running[spec.label] = len(done)
        best = max((epoch.val_accuracy for epoch in done), default=None)
        rows.append({
            "trial": spec.key,
            "source": spec.source,
            "status": status,
            "epochs": max((epoch.epoch for epoch in done), default=0),
            "best val accuracy": None if best is None else round(best, 4),
            "error": None if record is None else record.error,
        })  # fmt: skip
    known = [records[spec.key] for spec in specs if spec.key in records]
    return Status(counted(known, len(specs), len(running), running), run.finished, rows)


def _epochs(run: Run) -> int | None:
    """Return the epochs that a trial is to have; ``None`` where older settings do not say."""
    values = run.settings.get("recipe_values")
    epochs = values.get("epochs") if isinstance(values, Mapping) else None
    return epochs if isinstance(epochs, int) else None


def _status(folder: Path, spec: TrialSpec) -> str:
    """Tell how a trial without a record stands, by the time of its last epoch.

    One that ended when the run had fewer epochs waits until it has done more.
    """
    path, ended = (trial_folder(folder, spec.key) / name for name in (EPOCHS_FILE, TRIAL_FILE))
    if not path.exists():
        return "waiting"
    last = path.stat().st_mtime
    if ended.exists() and ended.stat().st_mtime >= last:
        return "waiting"
    recent = time.time() - last < RECENT_SECONDS
    return "running" if recent else "interrupted"
