"""Where the tuning in a folder stands, from its files alone, also while a process tunes there."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nasfer.errors import RunFolderError
from nasfer.runs.folder import LEDGER_FILE, read_run
from nasfer.tuning.book import read_lines
from nasfer.tuning.settings import TrialSpec
from nasfer.tuning.trial import EPOCHS_FILE, TRIALS_FILE, trial_folder
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
    if run["settings"].get("kind") != "tune":
        raise RunFolderError(f"{folder}: this run is no tuning")
    specs = [TrialSpec(**line) for line in read_lines(folder / TRIALS_FILE)]
    lines = {line["trial"]: line for line in read_lines(folder / LEDGER_FILE)}
    rows, running = [], {}
    for spec in specs:
        path = trial_folder(folder, spec.key) / EPOCHS_FILE
        epochs = read_lines(path)
        status = lines[spec.key]["status"] if spec.key in lines else "waiting"
        if status == "waiting" and path.exists():
            recent = time.time() - path.stat().st_mtime < RECENT_SECONDS
            status = "running" if recent else "interrupted"
        if status == "running":
            running[spec.label] = len(epochs)
        best = max((line["val_accuracy"] for line in epochs), default=None)
        rows.append({
            "trial": spec.key,
            "source": spec.source,
            "status": status,
            "epochs": max((line["epoch"] for line in epochs), default=0),
            "best val accuracy": None if best is None else round(best, 4),
            "error": (lines.get(spec.key) or {}).get("error"),
        })  # fmt: skip
    known = [lines[spec.key] for spec in specs if spec.key in lines]
    return Status(counted(known, len(specs), len(running), running), bool(run["finished"]), rows)
