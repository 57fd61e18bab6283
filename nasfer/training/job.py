"""From what a user names to a training that can run: settings, faces, and what checkpoints say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from nasfer.data import FaceData, load_data
from nasfer.models import CheckpointInfo
from nasfer.presets import PRESETS, load_arch
from nasfer.training.recipe import Recipe, load_recipe
from nasfer.training.settings import TrainSettings


@dataclass(frozen=True)
class Job:
    """All that `nasfer.training.run.run_training` needs, but for the folder.

    Args:
        settings: what decides the result.
        faces: the data, read.
        info: what the checkpoints will say.
    """

    settings: TrainSettings
    faces: FaceData
    info: CheckpointInfo


def make_job(
    arch: str,
    data: str = "drawn",
    *,
    recipe: str | Recipe = "nasfer",
    options: Mapping[str, str] | None = None,
    resolution: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    on_bad_image: str = "stop",
    weights: str | Path | None = None,
) -> Job:
    """Read recipe, architecture and data; the arguments are those of `nasfer.train`.

    Raises:
        DataError: the data cannot be read.
        SpecError: the recipe or the architecture is wrong.
        UnknownNameError: no such recipe, preset or data set.
    """
    named = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    chosen = named.with_options(options or {})
    network = load_arch(arch)
    asked = resolution or chosen.resolution
    faces = load_data(data, on_bad_image=on_bad_image, resolution=asked, seed=seed)
    settings = TrainSettings(
        arch=network.with_classes(len(faces.class_names)),
        source=arch,
        data=data,
        recipe=chosen,
        resolution=asked or faces.splits["train"].images.resolution,
        seed=seed,
        threads=threads or torch.get_num_threads(),
        on_bad_image=on_bad_image,
        weights=None if weights is None else str(weights),
    )
    return Job(settings, faces, checkpoint_info(settings, faces))


def checkpoint_info(settings: TrainSettings, faces: FaceData) -> CheckpointInfo:
    """Return what a checkpoint will say: canonical classes, size, and the normalisation.

    The normalisation is the preset's published one where it has one, else the data's.
    """
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
