"""Train one network on a data set and write what a user wants to see of it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nasfer.errors import NasferWarning, SpecError
from nasfer.runs.environment import environment_put_back, run_record
from nasfer.runs.extending import identifying, told
from nasfer.runs.folder import run_folder
from nasfer.runs.naming import default_folder, short_name

if TYPE_CHECKING:
    from nasfer.arch import Arch
    from nasfer.training.job import Job
    from nasfer.training.recipe import Recipe
    from nasfer.training.run import TrainResult
    from nasfer.training.settings import TrainSettings, TrainWatch


def train(
    arch: Arch | str | Path,
    data: str | Path = "drawn",
    *,
    recipe: str | Path | Recipe = "nasfer",
    options: Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    resolution: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    device: str | None = None,
    on_bad_image: str = "stop",
    weights: str | Path | None = None,
    command: str | None = None,
    watch: TrainWatch | None = None,
    note: Callable[[str], None] | None = None,
    **fields: Any,
) -> TrainResult:
    """Train one network fully; the same call on the same folder goes on where it stopped.

    With more ``epochs`` a training goes on that is there, a finished one too. Weights, moments and
    history stay, and the learning rate is from then on that of a schedule of so many epochs.
    ``constant`` and ``step`` come to the result of an undisturbed training; ``cosine`` and
    ``one_cycle`` rise once more: a warm restart, not the same as an undisturbed one.

    Args:
        arch: an architecture, a preset's name, a structure string or a file; its head is made for
            the data's classes.
        data: ``NAME[:PATH][,option=value...]``, see `nasfer.data.load_data`; a `Path` is a folder
            with a folder a class; by default faces that nasfer draws itself.
        recipe: a name of `nasfer.training.recipe.list_recipes`, a YAML file, or a value; ``paper``
            is the own recipe of a preset.
        options: fields of the recipe to change, values or texts, such as ``{"epochs": 2}``.
        out: run folder; ``None``: ``results/runs/train-NETWORK-DATA-DIGEST``, another one for other
            settings, but for the number of epochs.
        resolution: side of the images that the network reads, in pixels; ``None``: the recipe's,
            else the size of the data where all files have one, else the preset's.
        seed: of weights, order and augmentation.
        threads: of torch; ``None``: torch's own choice.
        device: ``cuda``, ``cpu``, ...; ``None``: a GPU if there is one.
        on_bad_image: ``stop`` or ``skip``.
        weights: checkpoint to start from; a head of other classes starts fresh.
        command: kept in ``run.yaml``.
        watch: called with the progress.
        note: called with each line that the user should see once, before training starts.
        **fields: of the recipe, like ``options``: ``epochs=1, lr=1e-3, flip=0.5``.
    Returns:
        The trained network, its history, its figures on the test split, and its folder.
    Raises:
        DataError: the data cannot be read.
        SpecError: the recipe or the architecture is wrong.
        TrialError: the loss is not finite.
        UnknownNameError: no such preset, recipe, data set or device.
        RunFolderError: ``out`` holds other settings or more epochs, or cannot be written.
    """
    with environment_put_back():
        from nasfer.inference.device import chosen_device
        from nasfer.training.job import make_job

        chosen = chosen_device(device)
        job = make_job(
            arch, data, recipe=recipe, options=joined(options or {}, fields),
            resolution=resolution, seed=seed, threads=threads, on_bad_image=on_bad_image,
            weights=weights,
        )  # fmt: skip
        tell = note or (lambda text: None)
        drawn = ["no `data` given: training on faces that nasfer draws itself"]
        for line in (*(drawn if data == "drawn" else ()), *job.notes):
            tell(line)
        path = _default_folder(job.settings) if out is None else Path(out)
        return _train(job, path, command, watch, chosen, tell)


def _train(
    job: Job,
    path: Path,
    command: str | None,
    watch: TrainWatch | None,
    device: str,
    tell: Callable[[str], None],
) -> TrainResult:
    from nasfer.report.trainings.files import write_training
    from nasfer.training.measured import measured
    from nasfer.training.older import todays_names
    from nasfer.training.optim.schedules import when_extended
    from nasfer.training.run import BEST_FILE, run_training
    from nasfer.training.state import STATE_FILE

    settings, record = job.settings.plain(), run_record(command, job.settings.threads)
    with run_folder(path, settings, record, kind="train", modern=todays_names) as folder:
        if folder.steps:
            tell(f"{told(path, folder.steps)}; {when_extended(job.settings.recipe)}")
        damaged = [] if folder.steps else folder.changed()
        for line in damaged:
            warnings.warn(f"{line}; made anew", NasferWarning, stacklevel=3)
        result = run_training(job.settings, job.faces, job.info, folder, watch, device=device)
        measures = measured(job.settings, job.faces, result, folder.path)
        write_training(folder.path, measures, result.history)
        if damaged or not folder.finished:
            folder.finish([STATE_FILE, BEST_FILE])
    return result


def joined(options: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the recipe that are changed, each given once."""
    both = sorted(options.keys() & fields.keys())
    if both:
        raise SpecError(f"`options`: {both[0]}: is given as a keyword, too")
    return {**options, **fields}


def _default_folder(settings: TrainSettings) -> Path:
    from nasfer.presets import source_name

    name = f"{source_name(settings.source)}-{short_name(settings.data)}"
    return default_folder("train", name, identifying("train", settings.plain()))
