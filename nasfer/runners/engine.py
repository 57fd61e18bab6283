"""Ray Tune: trains the trials of a plan, several at once, and enters each in the book.

Nothing is kept here that must survive: Tune's own state is never read again. A run that goes on
gives Tune the trials that the book misses, and each goes on from its own folder.
"""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

from nasfer.errors import NasferError, RunFolderError
from nasfer.runners.book import Book
from nasfer.runners.cluster import Interruption, trials_that_fit
from nasfer.runners.feed import Events, Feed, Halt
from nasfer.runners.plan import Plan
from nasfer.runners.schedulers import make_scheduler
from nasfer.runners.settings import Resources, TrialSpec, TuneSettings
from nasfer.runners.trial import train_trial
from nasfer.runners.watching import TuneWatch
from nasfer.training.settings import Epoch

TUNE_FOLDER = "tune"
METRIC = "val_accuracy"


def run_on_ray(
    plan: Plan,
    book: Book,
    settings: TuneSettings,
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
    shutil.rmtree(out / TUNE_FOLDER, ignore_errors=True)
    events = Events(plan, book, interruption, watch)
    device = "cuda" if resources.gpus else "cpu"

    def trial(config: dict[str, Any]) -> None:
        _trial(config, out, device)

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="ray")
        warnings.filterwarnings("ignore", category=ResourceWarning)
        tuner = tune.Tuner(
            tune.with_resources(trial, {"cpu": resources.cpus, "gpu": resources.gpus}),
            tune_config=tune.TuneConfig(
                metric=METRIC,
                mode="max",
                search_alg=Feed(plan, settings, interruption),
                scheduler=make_scheduler(settings),
                num_samples=-1,
                max_concurrent_trials=trials_that_fit(resources),
                trial_name_creator=_name,
                trial_dirname_creator=_name,
            ),
            run_config=tune.RunConfig(
                name=TUNE_FOLDER,
                storage_path=str(out),
                failure_config=tune.FailureConfig(max_failures=resources.retries),
                stop=Halt(interruption),
                callbacks=[events],
                verbose=0,
            ),
        )
        tuner.fit()
    if interruption.fault is not None:
        raise RunFolderError(interruption.fault)


def _name(trial: Any) -> str:
    return TrialSpec(**trial.config["spec"]).key


def _trial(config: dict[str, Any], out: Path, device: str) -> None:
    """Train one trial inside a Ray worker, and report each epoch.

    The last epoch is reported with the result, once that is on disk: a scheduler may end the
    trial at that report. An error that would come again is reported, not raised, so that Tune does
    not try again; what is raised (memory, say) is tried again from the last epoch.
    """
    from ray import tune

    spec, settings = TrialSpec(**config["spec"]), TuneSettings(**config["settings"])
    last = int(settings.options["epochs"])

    def report(epoch: Epoch) -> None:
        if epoch.epoch < last:
            tune.report({"epoch": epoch.epoch, METRIC: epoch.val_accuracy})

    try:
        line = train_trial(spec, settings, out, device=device, on_epoch=report)
    except RunFolderError as error:
        tune.report({"epoch": 0, METRIC: 0.0, "fault": str(error)})
    except NasferError as error:
        tune.report({"epoch": 0, METRIC: 0.0, "failed": f"{type(error).__name__}: {error}"})
    else:
        tune.report({"epoch": line["epochs"], METRIC: line["val_accuracy"]})
