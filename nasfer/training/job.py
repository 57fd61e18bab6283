"""From what a user names to a training that can run: settings, faces, and what checkpoints say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from nasfer.arch import Arch, is_structure
from nasfer.arch.parts import reads_landmarks
from nasfer.data import FaceData, data_text, load_data
from nasfer.data.landmarks import ADVICE
from nasfer.errors import CheckpointError, DataError, SpecError
from nasfer.models import CheckpointInfo
from nasfer.presets import PRESETS, arch_text, load_arch
from nasfer.training.recipe import OWN, Recipe, load_recipe
from nasfer.training.settings import TrainSettings


@dataclass(frozen=True)
class Job:
    """All that `nasfer.training.run.run_training` needs, but for the folder.

    Args:
        settings: what decides the result.
        faces: the data, read.
        info: what the checkpoints will say.
        notes: what the user should see once: the recipe, and what was special about the data.
    """

    settings: TrainSettings
    faces: FaceData
    info: CheckpointInfo
    notes: tuple[str, ...] = ()


def make_job(
    arch: Arch | str | Path,
    data: str | Path = "drawn",
    *,
    recipe: str | Path | Recipe = "nasfer",
    options: Mapping[str, Any] | None = None,
    resolution: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    on_bad_image: str = "stop",
    weights: str | Path | None = None,
) -> Job:
    """Read recipe, architecture and data; the arguments are those of `nasfer.train`.

    Raises:
        CheckpointError: no file of ``weights``.
        DataError: the data cannot be read.
        SpecError: the recipe or the architecture is wrong.
        UnknownNameError: no such recipe, preset or data set.
    """
    source = arch_text(arch)
    chosen, note = chosen_recipe(recipe, source)
    chosen = chosen.with_options(options or {})
    network = load_arch(arch)
    if weights is not None and not os.path.isfile(weights):
        raise CheckpointError(f"{weights}: no such file")
    spec = data_text(data)
    asked = resolution or chosen.resolution
    faces = load_data(spec, on_bad_image=on_bad_image, resolution=asked, seed=seed)
    if reads_landmarks(network) and faces.splits["train"].landmarks is None:
        raise DataError(
            f"`data`: {spec}: {network.digest() if is_structure(source) else source}"
            f" reads landmarks of each face, and this data has none; {ADVICE}"
        )
    settings = TrainSettings(
        arch=network.with_classes(len(faces.class_names)),
        source=source,
        data=spec,
        recipe=chosen,
        resolution=asked or faces.splits["train"].images.resolution,
        seed=seed,
        threads=threads or torch.get_num_threads(),
        on_bad_image=on_bad_image,
        weights=None if weights is None else str(weights),
    )
    info = checkpoint_info(settings, faces)
    return Job(settings, faces, info, (note, *faces.notes))


def chosen_recipe(recipe: str | Path | Recipe, source: str) -> tuple[Recipe, str]:
    """Return the recipe that is asked for, and a line that says which it is.

    Args:
        recipe: a name, the path of a YAML file, or a value; ``paper`` is the own one of a preset.
        source: what the user called the network; a preset's own recipe is offered.
    Raises:
        SpecError: ``paper`` where the network is no preset, or a wrong file.
        UnknownNameError: no such recipe.
    Example:
        >>> recipe, line = chosen_recipe("paper", "zennet_m")
        >>> recipe.epochs, line
        (400, "recipe: zennet, zennet_m's own")
        >>> chosen_recipe("nasfer", "emo_net")[1]
        "recipe: nasfer; the paper's own: `recipe=paper` (emo_net)"
    """
    own = PRESETS.get(source).recipe if source in PRESETS else None
    if isinstance(recipe, Recipe):
        return recipe, f"recipe: {recipe.summary or 'your own'}"
    if str(recipe) != OWN:
        offer = f"; the paper's own: `recipe={OWN}` ({own})" if own not in (None, recipe) else ""
        return load_recipe(recipe), f"recipe: {recipe}{offer}"
    if own is None:
        raise SpecError(f"`recipe`: {OWN!r} is a preset's own recipe, and {source!r} is no preset")
    return load_recipe(own), f"recipe: {own}, {source}'s own"


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
