"""Train one network on a data set and write what a user wants to see of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from nasfer.runs.folder import RunFolder

if TYPE_CHECKING:
    from nasfer.training.run import TrainResult
    from nasfer.training.settings import TrainWatch


def train(
    arch: str,
    data: str = "drawn",
    *,
    recipe: str = "nasfer",
    options: dict[str, str] | None = None,
    out: str | Path,
    resolution: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    device: str | None = None,
    on_bad_image: str = "stop",
    weights: str | Path | None = None,
    command: str | None = None,
    watch: TrainWatch | None = None,
    note: Callable[[str], None] | None = None,
) -> TrainResult:
    """Train one network fully; the same call on the same folder goes on where it stopped.

    Args:
        arch: a preset's name, a structure string or a file; its head is made for the data's
            classes.
        data: ``NAME[:PATH][,option=value...]``, see `nasfer.data.load_data`; by default faces that
            nasfer draws itself.
        recipe: a name of `nasfer.training.list_recipes`, or a YAML file.
        options: fields of the recipe to change, as text, such as ``{"epochs": "2"}``.
        out: run folder.
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
    Returns:
        The trained network, its history and its figures on the test split.
    Raises:
        DataError: the data cannot be read.
        SpecError: the recipe or the architecture is wrong.
        TrialError: the loss is not finite.
        UnknownNameError: no such preset, recipe, data set or device.
        RunFolderError: ``out`` holds other settings, or cannot be written.
    """
    from nasfer.api import run_record
    from nasfer.inference.device import chosen_device
    from nasfer.report.trainings.files import write_training
    from nasfer.training.job import make_job
    from nasfer.training.measured import measured
    from nasfer.training.run import run_training

    place = chosen_device(device)
    job = make_job(
        arch,
        data,
        recipe=recipe,
        options=options,
        resolution=resolution,
        seed=seed,
        threads=threads,
        on_bad_image=on_bad_image,
        weights=weights,
    )
    for line in job.faces.notes:
        (note or (lambda text: None))(line)
    folder = RunFolder(Path(out), job.settings.plain(), run_record(command), kind="train")
    result = run_training(job.settings, job.faces, job.info, folder, watch, device=place)
    measures = measured(job.settings, job.faces, result, folder.path)
    write_training(folder.path, measures, result.history)
    if not folder.finished:
        folder.finish()
    return result
