"""The table of trained candidates: one row each, mean and spread over seeds."""

from __future__ import annotations

import math
import os
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nasfer.errors import RunFolderError
from nasfer.presets import PRESETS
from nasfer.report.measures import CHOSEN_BY, MEASURED
from nasfer.runs.folder import read_run
from nasfer.runs.naming import absolute_path
from nasfer.runs.records import DEPLOYED, LatencyRecord, TrialRecord
from nasfer.runs.tunings import Tuning, Tunings, open_tuning, open_tunings

COSTS = ("flops", "macs", "params", "layers", "checkpoint_bytes")
"""Columns that all seeds of a candidate share; exact integers."""

ONCE = ("zen_closed_form", "latency_ms", "latency_p95_ms", "latency_torch_ms")
"""Figures that belong to the network, not to its trainings."""

COLUMNS = [
    "name", "kind", "digest", "config", "seeds", "stopped", "epochs",
    *(f"{name}{part}" for name in MEASURED for part in ("", "_std")),
    *ONCE, *COSTS, "resolution", "images", "checkpoint", "seed_list", "confusion",
    "class_names", "structure",
]  # fmt: skip

LONG = ("structure", "confusion", "class_names", "checkpoint", "seed_list")
"""Columns that are too long, or no plain values, for tables of text."""


def trained_table(run: Tuning) -> pd.DataFrame:
    """Return the candidates that a tune run has trained, one row each, best validation first.

    No figure of the test split has a say in the order, nor in which seed's checkpoint is named.

    A candidate is a network with its recipe values; its seeds become one row. Measured figures
    (accuracies as fractions of 1, on the test split) are means over the seeds that were trained to
    the end, beside their sample standard deviation ``<name>_std``, which is missing for a single
    seed; ``seeds`` counts them. Trials that a scheduler stopped, or that failed, enter no mean:
    ``stopped`` counts the former, `failures_table` lists the latter.

    Columns: ``name`` (as the user named it; ``digest`` beside it tells namesakes apart), ``kind``
    (``preset`` or ``candidate``), ``config``, the figures, costs, ``checkpoint`` (of the seed with
    the best validation), ``seed_list``, ``confusion`` (summed over seeds), ``class_names``,
    ``structure``.

    Args:
        run: its folder, or the run itself.
    Raises:
        RunFolderError: no folder of a tune run, an empty or damaged one, or no trial finished.
    """
    run = open_tuning(run)
    table = ended_table(run)
    table = table[table["seeds"] > 0]
    if table.empty:
        counts = {status: len(run.with_status(status)) for status in ("failed", "stopped")}
        told = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
        reason = next((f"; {t.source}: {t.error}" for t in run.trials if t.error), "")
        raise RunFolderError(f"{run.folder}: no finished trial ({told}){reason}")
    return table


def ended_table(run: Tuning) -> pd.DataFrame:
    """Return the `trained_table` of a run, and candidates that were only stopped early.

    These come last and have no figure but the mean of their best validation accuracies. Without
    any trial that ended so the table is empty.
    """
    run = open_tuning(run)
    groups: dict[str, list[TrialRecord]] = {}
    for trial in run.trials:
        if trial.status != "failed":
            groups.setdefault(trial.candidate, []).append(trial)
    rows = [_row(group, run.latencies) for group in groups.values()]
    table = pd.DataFrame(rows, columns=COLUMNS)
    whole = (*COSTS, "seeds", "stopped", "epochs", "images", "resolution")
    table = table.astype(dict.fromkeys(whole, "Int64"))
    figures = [*MEASURED, *(f"{name}_std" for name in MEASURED), *ONCE]
    table = table.astype(dict.fromkeys(figures, float))
    ordered = table.assign(ended=table["seeds"] > 0).sort_values(
        ["ended", CHOSEN_BY], ascending=False, kind="stable", ignore_index=True
    )
    return ordered.drop(columns="ended")


def read_trained(runs: Tunings) -> pd.DataFrame:
    """Return the `trained_table` of several runs of the same data, with a column ``run``.

    Raises:
        RunFolderError: as `trained_table`, or the runs measured on different data.
    """
    opened = open_tunings(runs)
    data = [str(run.run.settings.get("data", "")) for run in opened]
    for run, other in zip(opened, data):
        if other != data[0]:
            raise RunFolderError(
                f"{run.folder}: measured on {other!r}, {opened[0].folder} on {data[0]!r};"
                " figures of different data make no front"
            )
    tables = [trained_table(run) for run in opened]
    if len(tables) == 1:
        return tables[0]
    names = run_names([run.folder for run in opened])
    named = [table.assign(run=name) for name, table in zip(names, tables)]
    joined = pd.concat(named, ignore_index=True)
    return joined.sort_values(CHOSEN_BY, ascending=False, kind="stable", ignore_index=True)


def run_names(folders: Sequence[Path]) -> list[str]:
    """Return a name for each run: its folder's, or the whole path where two are called alike."""
    short = [os.path.basename(absolute_path(folder)) for folder in folders]
    return short if len(set(short)) == len(short) else [str(folder) for folder in folders]


def trained_resolution(folder: str | Path, table: pd.DataFrame) -> int | None:
    """Return the side of the images that a run trained on, in pixels; ``None`` if nothing tells.

    The ledger tells, else the run's settings, else those of a trial, whose folder is where its
    checkpoint lies.

    Args:
        table: `trained_table` of the folder.
    """
    known = table["resolution"].dropna()
    if len(known):
        return int(known.iloc[0])
    beside = [Path(path).parent for path in table["checkpoint"] if path]
    for place in (Path(folder), *beside):
        try:
            found = read_run(place).settings.get("resolution")
        except RunFolderError:
            continue
        if isinstance(found, int):
            return found
    return None


def spread(values: Sequence[float]) -> tuple[float, float]:
    """Return mean and sample standard deviation; NaN where there are too few values.

    Example:
        >>> spread([1.0, 3.0, 5.0])
        (3.0, 2.0)
        >>> spread([0.5])
        (0.5, nan)
    """
    mean = statistics.fmean(values) if values else math.nan
    return mean, statistics.stdev(values) if len(values) > 1 else math.nan


def _row(group: list[TrialRecord], latencies: Mapping[str, LatencyRecord]) -> dict[str, Any]:
    """One candidate's row, from its trials that were trained to the end, or else stopped."""
    done = [trial for trial in group if trial.status == "done"]
    best = max(done or group, key=lambda trial: _figure(trial, "val_accuracy") or -1.0)
    row: dict[str, Any] = {
        "name": best.source,
        "kind": "preset" if best.source in PRESETS else "candidate",
        "digest": best.digest,
        "config": best.config_text,
        "seeds": len(done),
        "stopped": len(group) - len(done),
        "epochs": max(trial.epochs for trial in done or group),
    }
    for name in MEASURED:
        of = done if done or name != "val_accuracy" else group
        figures = [_figure(trial, name) for trial in of]
        row[name], row[f"{name}_std"] = spread([one for one in figures if one is not None])
    for name in ("zen_closed_form", *COSTS):
        row[name] = next((x for trial in done if (x := _figure(trial, name)) is not None), None)
    timed = latencies.get(best.digest) if done else None
    if timed is not None and timed.backend == DEPLOYED:
        row |= {"latency_ms": timed.median_ms, "latency_p95_ms": timed.p95_ms}
        row["latency_torch_ms"] = timed.torch_ms
    elif timed is not None:  # of a run of before: never mixed with the others
        row["latency_torch_ms"] = timed.median_ms
    test = best.test
    return {
        **row,
        "resolution": best.resolution,
        "images": 0 if test is None else test.count,
        "checkpoint": best.checkpoint or "",
        "seed_list": tuple(trial.seed for trial in done),
        "confusion": _summed(done),
        "class_names": () if test is None else test.class_names,
        "structure": best.structure,
    }


def _figure(trial: TrialRecord, name: str) -> float | None:
    """A number of a trial or of its test split; ``None`` where it is missing or not finite."""
    value = getattr(trial if name in TrialRecord.__match_args__ else trial.test, name, None)
    return value if value is not None and math.isfinite(value) else None


def _summed(done: list[TrialRecord]) -> tuple[tuple[int, ...], ...]:
    """Add up the confusion matrices of the seeds that have one of the same classes."""
    tests = [trial.test for trial in done if trial.test is not None and trial.test.confusion]
    same = [test.confusion for test in tests if test.class_names == tests[0].class_names]
    if not same:
        return ()
    return tuple(tuple(int(n) for n in row) for row in np.sum(np.array(same), axis=0))
