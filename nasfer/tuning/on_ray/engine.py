"""Ray Tune: trains the trials of a plan, several at once, and enters each in the book.

Nothing is kept here that must survive: Tune's own state is never read again. A run that goes on
gives Tune the trials that the book misses, and each goes on from its own folder.
"""

from __future__ import annotations

import os
import random
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from nasfer.errors import RunFolderError
from nasfer.runs.atomic import make_folder, write_atomic
from nasfer.runs.owner import MARKER_FILE, Owner, read_owner
from nasfer.runs.records import TrialSpec
from nasfer.tuning.asking.asking import Asked
from nasfer.tuning.asking.settings import Resources
from nasfer.tuning.book import Book
from nasfer.tuning.on_ray.cluster import Interruption, trials_that_fit
from nasfer.tuning.on_ray.feed import Events, Feed, Halt, start_config
from nasfer.tuning.on_ray.schedulers import make_scheduler
from nasfer.tuning.on_ray.worker import METRIC, train_in_worker
from nasfer.tuning.proposing.plan import Plan
from nasfer.tuning.watching import TuneWatch

TUNE_FOLDER = "tune"


def run_on_ray(
    plan: Plan,
    book: Book,
    asked: Asked,
    resources: Resources,
    interruption: Interruption,
    watch: TuneWatch,
) -> None:
    """Train what the plan hands out, until it has no more or the run is interrupted.

    Raises:
        RunFolderError: a file cannot be written (the disk is full, say).
    """
    from ray import tune

    out = book.folder.path
    _make_tunes_folder(out / TUNE_FOLDER)
    device = "cuda" if resources.gpus else "cpu"

    def trial(config: dict[str, Any]) -> None:
        train_in_worker(config, out, device)

    population = asked.settings.scheduler == "pbt"
    with warnings.catch_warnings(), _seeded(asked.settings.seed):
        warnings.filterwarnings("ignore", module="ray")
        warnings.filterwarnings("ignore", category=ResourceWarning)
        handed_out = (
            _population(plan, book, asked, resources)
            if population
            else _feed(plan, asked, resources, interruption, out)
        )
        tuner = tune.Tuner(
            tune.with_resources(trial, {"cpu": resources.cpus, "gpu": resources.gpus}),
            param_space=handed_out.pop("param_space", {}),
            tune_config=tune.TuneConfig(
                metric=METRIC,
                mode="max",
                scheduler=make_scheduler(asked),
                trial_name_creator=_name,
                trial_dirname_creator=_name,
                **handed_out,
            ),
            run_config=tune.RunConfig(
                name=TUNE_FOLDER,
                storage_path=str(out),
                failure_config=tune.FailureConfig(max_failures=resources.retries),
                checkpoint_config=tune.CheckpointConfig(
                    # a trial of a population may take over one that its donor left behind
                    num_to_keep=plan.epochs if population else 2
                ),
                stop=Halt(interruption),
                callbacks=[Events(plan, book, interruption, watch)],
                verbose=0,
            ),
        )
        tuner.fit()
    for packed in (out / TUNE_FOLDER).glob("*/checkpoint_*"):  # what matters is in trials/
        shutil.rmtree(packed, ignore_errors=True)
    if interruption.fault is not None:
        raise RunFolderError(interruption.fault)


def _make_tunes_folder(path: Path) -> None:
    """Make the folder of Tune's own files anew; it carries a marker, and no other is removed.

    Raises:
        RunFolderError: what has its name is not ours.
    """
    if os.path.lexists(path):
        if path.is_symlink() or read_owner(path / MARKER_FILE) is None:
            raise RunFolderError(f"{path}: not made by this nasfer; Ray Tune needs the name")
        shutil.rmtree(path, ignore_errors=True)
    make_folder(path)
    write_atomic(path / MARKER_FILE, Owner.this().text())


def _feed(
    plan: Plan, asked: Asked, resources: Resources, interruption: Interruption, out: Path
) -> dict[str, Any]:
    """Hand out trials one by one, as the plan has them."""
    return {
        "search_alg": Feed(plan, asked.settings, interruption, out),
        "num_samples": -1,
        "max_concurrent_trials": trials_that_fit(resources),
    }


def _population(plan: Plan, book: Book, asked: Asked, resources: Resources) -> dict[str, Any]:
    """Hand out all trials at once: population based training refuses search algorithms."""
    from ray import tune

    starts = [start_config(spec, asked.settings, book.folder.path) for spec in book.open()]
    return {
        "param_space": {
            "spec": tune.grid_search([start["spec"] for start in starts]),
            "settings": asked.settings.to_dict(),
            "values": tune.sample_from(_Values(starts)),
        },
        "max_concurrent_trials": max(trials_that_fit(resources), plan.total),  # they take turns
    }


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed the two global generators that Tune's schedulers draw from; put them back afterwards."""
    before = random.getstate(), np.random.get_state()
    random.seed(seed)
    np.random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])


class _Values:
    """The recipe values that a trial of the population begins with."""

    def __init__(self, starts: list[dict[str, Any]]) -> None:
        self._values = {TrialSpec.from_dict(start["spec"]).key: start["values"] for start in starts}

    def __call__(self, config: dict[str, Any]) -> dict[str, Any]:
        return self._values[TrialSpec.from_dict(config["spec"]).key]


def _name(trial: Any) -> str:
    return TrialSpec.from_dict(trial.config["spec"]).key
