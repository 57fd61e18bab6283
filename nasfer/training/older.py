"""Recipes in files and runs of older versions: fields that were renamed, fields that are new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OLDER_NAMES = {"start": "init"}
"""Today's names of fields that had another one once, in files and runs that are still read."""

ADDED = {"class_weights": "none"}
"""Fields that older runs do not have, and what these did."""


def field_name(name: str) -> str:
    """Return the name of a recipe's field as it is today, of a name that may be an older one.

    Example:
        >>> field_name("start"), field_name("lr")
        ('init', 'lr')
    """
    return OLDER_NAMES.get(name, name)


def todays_names(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a saved run with the recipe's fields as they are today.

    Args:
        settings: of ``run.yaml``, where ``recipe_NAME`` or ``recipe_values`` hold the fields.
    Example:
        >>> todays_names({"seed": 0, "recipe_start": "torch"})
        {'recipe_class_weights': 'none', 'seed': 0, 'recipe_init': 'torch'}
        >>> todays_names({"recipe_values": {"start": "zennet"}})
        {'recipe_values': {'class_weights': 'none', 'init': 'zennet'}}
    """
    prefix = "recipe_"
    if isinstance(values := settings.get(f"{prefix}values"), Mapping):
        today = {field_name(name): value for name, value in values.items()}
        return {**settings, f"{prefix}values": {**ADDED, **today}}
    found = {
        prefix + field_name(name.removeprefix(prefix)) if name.startswith(prefix) else name: value
        for name, value in settings.items()
    }
    if not any(name.startswith(prefix) for name in found):
        return found
    return {**{prefix + name: value for name, value in ADDED.items()}, **found}
