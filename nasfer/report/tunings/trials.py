"""The finished trials of a tune run, as its ledger tells of them; nothing is changed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from nasfer.errors import RunFolderError
from nasfer.runs.folder import LEDGER_FILE, read_latencies, read_lines, read_run

STATUSES = ("done", "stopped", "failed")
TEST_FIGURES = ("accuracy", "mean_class_accuracy", "macro_f1", "ece", "nll")


@dataclass(frozen=True, slots=True)
class Trial:
    """One full training, as the ledger tells of it.

    Args:
        key: of the trial in its run.
        candidate: what the seeds of one candidate have in common: network and recipe values.
        source: what the user named: a preset, a file, a run and a rank.
        digest: of the architecture.
        structure: its text.
        seed: of the training.
        config: values of the recipe that the trial was given.
        status: ``done``, ``stopped`` early by the scheduler, or ``failed``.
        epochs: trained.
        figures: measured numbers by column; those that are missing or not finite are left out.
        images: of the test split; 0 where nothing was measured.
        confusion: images by true class (rows) and predicted class; empty likewise.
        class_names: of rows and columns.
        checkpoint: its file, empty where there is none.
        error: why it failed, else empty.
    """

    key: str
    candidate: str
    source: str
    digest: str
    structure: str
    seed: int
    config: Mapping[str, Any]
    status: str
    epochs: int
    figures: Mapping[str, float]
    images: int
    confusion: tuple[tuple[int, ...], ...]
    class_names: tuple[str, ...]
    checkpoint: str
    error: str

    @property
    def config_text(self) -> str:
        """Recipe values as JSON, in order of their names, without the seed; empty for none."""
        values = {name: value for name, value in self.config.items() if name != "seed"}
        return json.dumps(values, sort_keys=True) if values else ""


def is_tune_run(folder: Path) -> bool:
    """Tell whether a run folder's ledger is one of trials, not of a search.

    A folder without any trial yet is one if its settings are not those of a search.

    Raises:
        RunFolderError: no run folder, or its ledger is damaged.
    """
    settings = read_run(folder)["settings"]
    records, _ = read_lines(folder / LEDGER_FILE)
    return any("trial" in line for line in records) or "objective_proxy" not in settings


def read_trials(folder: Path) -> list[Trial]:
    """Return the trials of a tune run in the ledger's order; a trial told of twice counts as last.

    Raises:
        RunFolderError: no run folder, an empty one, or a line that is no trial.
    """
    read_run(folder)
    records, _ = read_lines(folder / LEDGER_FILE)
    latencies = read_latencies(folder)
    if not records:
        raise RunFolderError(f"{folder}: no trial in {LEDGER_FILE}; the run has finished none yet")
    trials = {}
    for number, record in enumerate(records, start=1):
        try:
            trial = _trial(record, latencies)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"no {error}" if isinstance(error, KeyError) else str(error)
            raise RunFolderError(
                f"{folder / LEDGER_FILE}: entry {number} is not a trial: {reason}"
            ) from None
        trials[trial.key] = trial
    return list(trials.values())


def _trial(record: Mapping[str, Any], latencies: Mapping[str, Mapping[str, Any]]) -> Trial:
    if record["status"] not in STATUSES:
        raise ValueError(f"status {record['status']!r} is none of {', '.join(STATUSES)}")
    test = record.get("test") or {}
    numbers = {name: test.get(name) for name in TEST_FIGURES}
    for name in (
        "val_accuracy", "flops", "macs", "params", "layers", "checkpoint_bytes",
        "zen_closed_form", "seconds", "resolution",
    ):  # fmt: skip
        numbers[name] = record.get(name)
    timed = latencies.get(str(record["digest"]), {})
    numbers |= {"latency_ms": timed.get("median_ms"), "latency_p95_ms": timed.get("p95_ms")}
    values = {name: value for name, value in (record.get("config") or {}).items() if name != "seed"}
    return Trial(
        key=str(record["trial"]),
        candidate=str(record.get("candidate") or (record["digest"], sorted(values.items()))),
        source=str(record.get("source") or record["digest"]),
        digest=str(record["digest"]),
        structure=str(record.get("structure") or ""),
        seed=int(record["seed"]),
        config=dict(record.get("config") or {}),
        status=str(record["status"]),
        epochs=int(record.get("epochs") or 0),
        figures={
            name: value
            for name, value in numbers.items()
            if isinstance(value, int | float) and math.isfinite(value)
        },
        images=int(test.get("count") or 0),
        confusion=tuple(tuple(map(int, row)) for row in test.get("confusion") or ()),
        class_names=tuple(map(str, test.get("class_names") or ())),
        checkpoint=str(record.get("checkpoint") or ""),
        error=str(record.get("error") or ""),
    )


def failures_table(folder: Path) -> pd.DataFrame:
    """Return the trials that failed for good, one row each: who, seed, epochs trained, and why."""
    rows = [
        {
            "trial": trial.key, "network": trial.source, "digest": trial.digest,
            "seed": trial.seed, "epochs": trial.epochs, "error": trial.error or "unknown",
        }
        for trial in read_trials(folder)
        if trial.status == "failed"
    ]  # fmt: skip
    columns = ["trial", "network", "digest", "seed", "epochs", "error"]
    return pd.DataFrame(rows, columns=columns)
