"""Trainings of `nasfer tune` as entries of a pool."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from nasfer.arch import parse_arch
from nasfer.errors import NasferWarning, PoolError, SpecError
from nasfer.pools.cells import read_cells
from nasfer.pools.joining import Trained
from nasfer.runs.files import HISTORY_FILE, LEDGER_FILE, trial_folder
from nasfer.runs.records import TrialRecord
from nasfer.runs.tunings import TuneRun, open_tuning

DESCRIBING = ("summary", "source")
"""Fields of a recipe that change nothing."""


def read_runs(folders: Sequence[Path], *, mixed: bool) -> list[Trained]:
    """Return the trainings of tune runs that came to their end.

    The accuracy is that of the validation split, of the weights that were kept: what is learnt from
    it may choose networks, which no figure of the test split may. Trials that were stopped early or
    failed are left out, with a warning.

    Args:
        folders: of `nasfer tune`.
        mixed: allow recipes that differ.
    Raises:
        RunFolderError: no tune run, or a damaged one.
        PoolError: no trial came to its end; or the recipes differ.
    """
    opened = [open_tuning(folder) for folder in folders]
    if not mixed:
        _check_recipes(opened)
    return [trained for run in opened for trained in _of_run(run)]


def _check_recipes(runs: Sequence[TuneRun]) -> None:
    """Refuse recipes that differ in a field that both runs know, however they are called."""
    first, known = runs[0].folder, _recipe_values(runs[0])
    for run in runs[1:]:
        values = _recipe_values(run)
        for name in known:
            if name in values and known[name] != values[name]:
                raise PoolError(
                    f"recipe: {name} is {known[name]!r} in {first}, {values[name]!r} in"
                    f" {run.folder}; networks of one are compared, or `mixed` ones"
                )


def _recipe_values(run: TuneRun) -> dict[str, Any]:
    values = run.run.settings.get("recipe_values")
    known = dict(values) if isinstance(values, Mapping) else {}
    return {name: value for name, value in sorted(known.items()) if name not in DESCRIBING}


def _of_run(run: TuneRun) -> list[Trained]:
    left_out = len(run.trials) - len(run.with_status("done"))
    found = [
        trained
        for number, trial in enumerate(run.trials, start=1)
        if trial.status == "done"
        and (trained := _trained(run, trial, f"{run.folder / LEDGER_FILE}:{number}")) is not None
    ]
    if not found:
        raise PoolError(f"{run.folder}: no accuracies; none of its trials came to its end")
    if left_out:
        warnings.warn(
            f"{run.folder}: {left_out} trials that were stopped or failed are left out",
            NasferWarning, stacklevel=2,
        )  # fmt: skip
    return found


def _trained(run: TuneRun, trial: TrialRecord, where: str) -> Trained | None:
    if trial.val_accuracy is None:
        return None
    size = trial.resolution or run.run.settings.get("resolution")
    if not isinstance(size, int):
        raise PoolError(f"{where}: no resolution, and none in run.yaml")
    try:
        arch = _parsed(trial.structure)
    except SpecError as error:
        raise PoolError(f"{where}: structure: {error}") from None
    return Trained(
        where,
        arch,
        100 * trial.val_accuracy,
        str(run.run.settings.get("data", "")),
        size,
        _recipe_text(run.run.settings, trial.config),
        trial.seed,
        losses=_losses(trial_folder(run.folder, trial.trial) / HISTORY_FILE),
    )


_parsed = lru_cache(maxsize=4096)(parse_arch)  # the seeds of a network share one value


def _recipe_text(settings: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    """Return a recipe's name with what was set, such as ``nasfer epochs=8 lr=0.01``."""
    options = settings.get("options")
    chosen = {**(options if isinstance(options, Mapping) else {}), **config}
    return " ".join(
        [str(settings.get("recipe", "")), *(f"{k}={v}" for k, v in sorted(chosen.items()))]
    )


def _losses(history: Path) -> tuple[float, ...]:
    """Return the training losses of a trial, none where its folder is gone."""
    if not history.exists():
        return ()
    try:
        return tuple(
            float(cells["train_loss"]) for _, cells in read_cells(history, ("train_loss",))
        )
    except (KeyError, ValueError):
        raise PoolError(f"{history}: train_loss: a cell is no number; remove the file") from None
