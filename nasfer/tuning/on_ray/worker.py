"""What runs inside a Ray worker: one trial, reported to Tune epoch by epoch."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from nasfer.errors import NasferError, RunFolderError
from nasfer.runs.files import trial_folder
from nasfer.runs.records import TrialSpec
from nasfer.training.recipe import Recipe, load_recipe
from nasfer.training.settings import Epoch
from nasfer.tuning.asking.ranges import parse_ranges, within
from nasfer.tuning.asking.settings import TuneSettings
from nasfer.tuning.taking_over import adopt, current_values, pack
from nasfer.tuning.trial import read_record, read_spec, train_trial

METRIC = "val_accuracy"
FAILED = "failed"
"""Reports an error that would come again; such a report has no accuracy and ends the trial."""
ENDED = "ended"
"""Marks the last report of a trial that came to its end."""
FAULT = "fault"
"""Reports that the run folder cannot be written: it ends the run."""


def train_in_worker(config: dict[str, Any], out: Path, device: str) -> None:
    """Train one trial, and report each epoch.

    The last epoch is reported once the result is on disk, and marked (`ENDED`). An error that would
    come again is reported (`FAILED`), not raised, so that Tune does not try again; what is raised
    (memory, say) is tried again from the last epoch.

    Args:
        config: the trial, the settings, and the recipe values to go on with.
        out: run folder of the tuning.
        device: where the network is trained.
    """
    from ray import tune

    settings = TuneSettings.from_dict(config["settings"])
    recipe = load_recipe(settings.recipe).with_options(settings.options)

    def report(epoch: Epoch) -> None:
        if epoch.epoch < recipe.epochs:
            _report(settings, spec, out, {"epoch": epoch.epoch, METRIC: epoch.val_accuracy})

    try:
        spec = read_spec(out, tune.get_context().get_trial_name())
        if settings.scheduler == "pbt":
            _take_over(settings, recipe, spec, out, config["values"])
        record = train_trial(spec, settings, recipe, out, device=device, on_epoch=report)
    except RunFolderError as error:
        tune.report({"epoch": 0, FAULT: str(error)})
    except NasferError as error:
        tune.report({"epoch": 0, FAILED: f"{type(error).__name__}: {error}"})
    else:
        tune.report({"epoch": record.epochs, METRIC: record.val_accuracy, ENDED: True})


def _take_over(
    settings: TuneSettings, recipe: Recipe, spec: TrialSpec, out: Path, values: dict[str, Any]
) -> None:
    """Go on from another trial's weights where Tune says so."""
    from ray import tune

    given, folder = tune.get_checkpoint(), trial_folder(out, spec.key)
    if given is None or read_record(folder) is not None:
        return
    ranges = parse_ranges(settings.search, recipe)
    wanted = {name: within(ranges[name], value) for name, value in values.items()}
    with given.as_directory() as packed:
        adopt(Path(packed), folder, spec.key, wanted, recipe)


def _report(settings: TuneSettings, spec: TrialSpec, out: Path, metrics: dict[str, Any]) -> None:
    from ray import tune

    if settings.scheduler != "pbt":
        tune.report(metrics)
        return
    folder = trial_folder(out, spec.key)
    with tempfile.TemporaryDirectory() as target:
        pack(folder, Path(target), spec.key, current_values(folder, spec.config))
        tune.report(metrics, checkpoint=tune.Checkpoint.from_directory(target))
