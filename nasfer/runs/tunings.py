"""A tune run as its files tell of it, read once; nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nasfer.errors import RunFolderError
from nasfer.runs.files import LATENCY_FILE, LEDGER_FILE
from nasfer.runs.fingerprints import check_unchanged
from nasfer.runs.folder import Run, read_lines, read_run
from nasfer.runs.latencies import read_latencies
from nasfer.runs.lines import records_of
from nasfer.runs.records import LatencyRecord, TrialRecord


@dataclass(frozen=True)
class TuneRun:
    """A tune run: what was asked for, and what came of it.

    Args:
        folder: of the run.
        run: what its ``run.yaml`` says.
        trials: that ended, one each.
        latencies: by digest of the network.
    """

    folder: Path
    run: Run
    trials: tuple[TrialRecord, ...]
    latencies: Mapping[str, LatencyRecord]

    def with_status(self, status: str) -> list[TrialRecord]:
        """Return the trials that ended so."""
        return [trial for trial in self.trials if trial.status == status]


Tuning = str | Path | TuneRun
"""A tune run, or its folder."""

Tunings = Tuning | Sequence[Tuning]
"""One of them, or several."""


def is_tune_run(folder: str | Path) -> bool:
    """Tell whether a folder holds a run of `nasfer tune`.

    Raises:
        RunFolderError: no run folder.
    """
    return read_run(folder).kind == "tune"


def open_tuning(run: Tuning) -> TuneRun:
    """Return a tune run; a trial that its ledger tells of twice counts as last.

    Args:
        run: of which the ledger is read; one that was read already is returned as it is.
    Raises:
        RunFolderError: no folder of a tune run, an empty one, or a line that is no trial.
    """
    if isinstance(run, TuneRun):
        return run
    folder = Path(run)
    told = read_run(folder)
    if told.kind != "tune":
        raise RunFolderError(f"{folder}: a run of nasfer {told.kind}; one of nasfer tune is needed")
    check_unchanged(folder, told.files, (LEDGER_FILE, LATENCY_FILE), "bring it back")
    ledger = folder / LEDGER_FILE
    trials = {one.trial: one for one in records_of(read_lines(ledger), TrialRecord, ledger)}
    if not trials:
        raise RunFolderError(f"{folder}: no trial in {LEDGER_FILE}; the run has finished none yet")
    return TuneRun(folder, told, tuple(trials.values()), read_latencies(folder))


def open_tunings(runs: Tunings) -> list[TuneRun]:
    """Return tune runs, each read once; see `open_tuning`."""
    several = [runs] if isinstance(runs, str | Path | TuneRun) else runs
    return [open_tuning(run) for run in several]
