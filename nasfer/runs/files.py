"""Names of the files of a run folder, each written down once."""

from __future__ import annotations

from pathlib import Path

RUN_FILE = "run.yaml"
"""Of every run: kind, settings, command, versions, threads."""

LEDGER_FILE = "ledger.jsonl"
"""Of a search and of a tuning: a record a line, on disk before anything goes on."""

STATE_FILE = "state.json"
"""Of a search: from where it goes on."""

CANDIDATES_FILE = "candidates.csv"
"""Of a search: the ranking."""

RESULT_FILE = "result.json"
"""Of a training, of a trial and of an evaluation: what was measured."""

TRIALS_FILE = "trials.jsonl"
"""Of a tuning: the trials that are wanted, a `TrialSpec` a line."""

TRIALS_FOLDER = "trials"
"""Of a tuning: a folder for each trial."""

TRIAL_FILE = "trial.json"
"""Of a trial that came to its end: its `TrialRecord`."""

EPOCHS_FILE = "epochs.jsonl"
"""Of a trial: an `EpochRecord` a line."""

HISTORY_FILE = "history.csv"
"""Of a training and of a trial: losses and accuracies, a row an epoch."""

LATENCY_FILE = "latency.json"
"""Of a tuning: by digest, how long one image takes."""


def trial_folder(run: Path, key: str) -> Path:
    """Return where a tuning keeps a trial.

    Example:
        >>> trial_folder(Path("runs/faces"), "0123-s0").as_posix()
        'runs/faces/trials/0123-s0'
    """
    return run / TRIALS_FOLDER / key
