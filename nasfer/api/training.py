"""Train one network on a data set and write what a user wants to see of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nasfer.presets import PRESETS, load_arch
from nasfer.runfolder import RunFolder, write_atomic

if TYPE_CHECKING:
    from nasfer.data import FaceData
    from nasfer.models import CheckpointInfo
    from nasfer.training.run import TrainResult
    from nasfer.training.settings import TrainWatch

RESULT_FILE = "result.json"


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
    note: Any = None,
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
        RunFolderError: ``out`` holds other settings, or cannot be written.
    """
    import torch

    from nasfer.api import run_record
    from nasfer.data import load_data
    from nasfer.training.recipe import load_recipe
    from nasfer.training.run import run_training
    from nasfer.training.settings import TrainSettings

    chosen = load_recipe(recipe).with_options(options or {})
    network = load_arch(arch)
    asked = resolution or chosen.resolution
    faces = load_data(data, resolution=asked, on_bad_image=on_bad_image, seed=seed)
    for line in faces.notes:
        (note or (lambda text: None))(line)
    network = network.with_classes(len(faces.class_names))
    size = asked or faces.splits["train"].images.resolution
    settings = TrainSettings(
        arch=network,
        source=arch,
        data=data,
        recipe=chosen,
        resolution=size,
        seed=seed,
        threads=threads or torch.get_num_threads(),
        on_bad_image=on_bad_image,
        weights=None if weights is None else str(weights),
    )
    info = checkpoint_info(settings, faces)
    folder = RunFolder(Path(out), settings.plain(), run_record(command))
    result = run_training(settings, faces, info, folder, watch, device=device)
    _write_result(folder, settings.source, faces, result)
    if not folder.finished:
        folder.finish()
    return result


def checkpoint_info(settings: Any, faces: FaceData) -> CheckpointInfo:
    """Return what a checkpoint will say: canonical classes, size, and the normalisation.

    The normalisation is the preset's published one where it has one, else the data's.
    """
    from nasfer.models import CheckpointInfo

    channels = settings.arch.in_channels
    preset = PRESETS.get(settings.source) if settings.source in PRESETS else None
    mean, std = faces.mean, faces.std
    if preset is not None and preset.mean:
        mean, std = preset.mean, preset.std
    mean, std = (_per_channel(values, channels) for values in (mean, std))
    return CheckpointInfo(str(settings.arch), faces.class_names, settings.resolution, mean, std)


def _per_channel(values: tuple[float, ...], channels: int) -> tuple[float, ...]:
    """Repeat a grey value for colour channels; of colour values take the mean for grey."""
    if len(values) in (0, channels):
        return values
    return (sum(values) / len(values),) * channels


def _write_result(folder: RunFolder, source: str, faces: FaceData, result: TrainResult) -> None:
    from nasfer.report.training import write_training_files

    content = {
        "network": source,
        "data": faces.spec,
        "notes": list(faces.notes),
        "best_epoch": result.best.row(),
        "test": result.test.row(),
        "bad_images": list(faces.bad_images),
    }
    write_atomic(folder.path / RESULT_FILE, json.dumps(content, indent=1))
    write_training_files(folder.path, result.history, result.test, source)
