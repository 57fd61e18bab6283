"""What a tuning lost: the trials that failed for good."""

from __future__ import annotations

import pandas as pd

from nasfer.runs.tunings import Tunings, open_tunings


def failures_table(runs: Tunings) -> pd.DataFrame:
    """Return the trials that failed for good, one row each: who, seed, epochs trained, and why."""
    rows = [
        {
            "trial": trial.trial, "network": trial.source, "digest": trial.digest,
            "seed": trial.seed, "epochs": trial.epochs, "error": trial.error or "unknown",
        }
        for run in open_tunings(runs)
        for trial in run.with_status("failed")
    ]  # fmt: skip
    columns = ["trial", "network", "digest", "seed", "epochs", "error"]
    return pd.DataFrame(rows, columns=columns)
