"""One trial: a full training in its own folder, and the record that comes of it. No Ray."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nasfer.costs import cost
from nasfer.errors import ProxyError, TrialError
from nasfer.inference.result import write_result
from nasfer.presets import load_arch
from nasfer.proxies import score
from nasfer.reading import load_json
from nasfer.runs.files import EPOCHS_FILE, TRIAL_FILE, TRIALS_FILE, trial_folder
from nasfer.runs.folder import RunFolder, read_lines, write_atomic
from nasfer.runs.lines import records_of
from nasfer.runs.lock import HeldElsewhereError, held
from nasfer.runs.records import EpochRecord, TestFigures, TrialRecord, TrialSpec
from nasfer.runs.seal import sealed, unsealed
from nasfer.training.job import Job, make_job
from nasfer.training.measured import measured
from nasfer.training.older import todays_names
from nasfer.training.recipe import Recipe
from nasfer.training.run import BEST_FILE, TrainResult, run_training
from nasfer.training.settings import Epoch
from nasfer.tuning.asking.settings import TuneSettings
from nasfer.tuning.taking_over import current_values

LOCK_SECONDS = 60.0
"""A process that died holds its folder for a moment, until the system took it away."""


def read_spec(out: Path, key: str) -> TrialSpec:
    """Return a wanted trial by its key.

    Raises:
        TrialError: the folder wants no such trial.
    """
    path = out / TRIALS_FILE
    for spec in records_of(read_lines(path, live=True), TrialSpec, path):
        if spec.key == key:
            return spec
    raise TrialError(f"{path}: no trial {key}")


def job_of(
    spec: TrialSpec, settings: TuneSettings, recipe: Recipe, config: Mapping[str, Any] | None = None
) -> Job:
    """Read data and network of a trial.

    Args:
        recipe: of the tuning, without the values that are searched.
        config: recipe values, where they are no longer those that it began with.
    Raises:
        NasferError: one of them is wrong.
    """
    return make_job(
        spec.arch,
        settings.data,
        recipe=recipe.with_options(config or spec.config),
        resolution=settings.resolution,
        seed=spec.seed,
        threads=settings.threads,
        on_bad_image=settings.on_bad_image,
    )


def train_trial(
    spec: TrialSpec,
    settings: TuneSettings,
    recipe: Recipe,
    out: Path,
    *,
    device: str | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> TrialRecord:
    """Train one candidate to its end, from its last epoch if it was begun, or had to go less far.

    Args:
        recipe: of the tuning, without the values that are searched.
        out: run folder of the tuning; the trial has ``out/trials/<key>``.
        device: as in `nasfer.training.run.run_training`.
        on_epoch: called with each epoch, once all of it is on disk.
    Returns:
        The record for the ledger; it stands in ``trial.json`` of the trial's folder, too.
    Raises:
        TrialError: the loss is not finite.
        TimeoutError: another process trains in the folder: one that its node has lost, say.
        NasferError: data, recipe or network is wrong, or a file cannot be written.
    """
    folder = trial_folder(out, spec.key)
    try:
        with held(folder, seconds=LOCK_SECONDS):
            known = read_record(folder, recipe.epochs)
            return known or _train(spec, settings, recipe, folder, device, on_epoch)
    except HeldElsewhereError as error:
        raise TimeoutError(str(error)) from None


def _train(
    spec: TrialSpec,
    settings: TuneSettings,
    recipe: Recipe,
    path: Path,
    device: str | None,
    on_epoch: Callable[[Epoch], None] | None,
) -> TrialRecord:
    config = current_values(path, spec.config)
    job = job_of(spec, settings, recipe, config)
    folder = RunFolder(
        path, job.settings.plain(), {"trial": spec.key}, kind="trial", modern=todays_names
    )
    folder.ledger(EPOCHS_FILE)  # drops a line that a crash cut off, before more are written
    since = time.monotonic()

    def keep(epoch: Epoch) -> None:
        nonlocal since
        now = time.monotonic()
        done = EpochRecord(
            epoch.epoch, epoch.val_accuracy, now - since, socket.gethostname(), os.getpid()
        )
        folder.append(done.to_dict(), EPOCHS_FILE)
        since = now
        if on_epoch is not None:
            on_epoch(epoch)

    result = run_training(job.settings, job.faces, job.info, folder, device=device, on_epoch=keep)
    write_result(path, measured(job.settings, job.faces, result, path))
    record = _record(spec, config, job, result, folder)
    write_atomic(path / TRIAL_FILE, json.dumps(sealed(record.to_dict()), indent=1))
    if not folder.finished:
        folder.finish([TRIAL_FILE, EPOCHS_FILE, BEST_FILE])
    return record


def _record(
    spec: TrialSpec, config: dict[str, Any], job: Job, result: TrainResult, folder: RunFolder
) -> TrialRecord:
    size, test = job.settings.resolution, result.test
    counted = cost(job.settings.arch, size)
    checkpoint = folder.path / BEST_FILE
    names = (name for name in TestFigures.__match_args__)
    return TrialRecord.of(
        spec,
        "done",
        len(result.history),
        config=config,
        val_accuracy=result.best.val_accuracy,
        test=TestFigures(**{name: getattr(test, name) for name in names}),
        flops=counted.flops,
        macs=counted.macs,
        params=counted.params,
        layers=counted.layers,
        resolution=size,
        device=next(result.model.parameters()).device.type,
        checkpoint=str(checkpoint),
        checkpoint_bytes=checkpoint.stat().st_size,
        zen_closed_form=closed_form(spec, size),
        seconds=sum(line["seconds"] for line in folder.ledger(EPOCHS_FILE)),
        asked_epochs=job.settings.recipe.epochs,
    )


def closed_form(spec: TrialSpec, resolution: int) -> float | None:
    """Return the candidate's Zen-score in closed form, ``None`` outside its derivation."""
    try:
        return float(score(load_arch(spec.structure), "zen_closed_form", resolution=resolution))
    except ProxyError:
        return None


def read_record(folder: Path, epochs: int | None = None) -> TrialRecord | None:
    """Return the record of a trial that came to its end; ``None`` where it did not.

    Args:
        epochs: of the run; the end of a trial that was asked for fewer is none.
    Raises:
        TrialError: the file is damaged.
    """
    path = folder / TRIAL_FILE
    if not path.exists():
        return None
    try:
        found = TrialRecord.from_dict(unsealed(dict(load_json(path, TrialError, finite=False))))
    except (TrialError, OSError, ValueError, TypeError, RecursionError):
        raise TrialError(f"{path}: damaged; remove it to measure the trial anew") from None
    return found if found.reaches(epochs) else None
