"""The command that trains a candidate of a tune run again, alone."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from nasfer.presets import PRESETS


def train_commands(
    settings: Mapping[str, Any],
    source: str,
    structure: str,
    *,
    config: str = "",
    epochs: int | None = None,
    seeds: Sequence[int] = (0,),
) -> list[str]:
    """Return one ``nasfer train`` line a seed, quoted for a shell.

    Population based training changes recipe values on the way and takes over weights: there it is
    the command of the whole run.

    Args:
        settings: of the tune run: ``data``, ``recipe``, ``resolution``, ``threads`` and ``options``
            (fields of the recipe by name, ``epochs`` too) are used where they are there, and
            ``scheduler`` and the run's ``command``.
        source: as the user named the network; a preset is trained by its name, for its published
            normalisation.
        structure: of any other network.
        config: recipe values of the trial as JSON; they win over the run's options.
        epochs: trained, where the settings do not say.
    Example:
        >>> train_commands({"data": "drawn", "epochs": 3}, "zennet_m", "...", config='{"lr": 0.1}')
        ['nasfer train zennet_m --data drawn --epochs 3 --seed 0 --set lr=0.1']
    """
    if settings.get("scheduler") == "pbt":
        return [str(settings.get("command") or "")]
    words = ["nasfer", "train", source if source in PRESETS else structure]
    recipe = settings.get("recipe")
    if isinstance(recipe, Mapping):
        recipe = recipe.get("name")
    options = settings.get("options")
    own = json.loads(config) if config else {}
    values = {**(options if isinstance(options, Mapping) else {}), **own}
    asked = {
        "--data": settings.get("data"),
        "--recipe": recipe,
        "--epochs": values.pop("epochs", None) or settings.get("epochs") or epochs,
        "--resolution": settings.get("resolution"),
        "--threads": settings.get("threads"),
    }
    for flag, value in asked.items():
        if value is not None:
            words += [flag, str(value)]
    changed = [word for name, v in values.items() for word in ("--set", f"{name}={_plain(v)}")]
    return [shlex.join([*words, "--seed", str(seed), *changed]) for seed in seeds]


def _plain(value: Any) -> str:
    """A recipe value as ``--set`` reads it."""
    return value if isinstance(value, str) else json.dumps(value)
