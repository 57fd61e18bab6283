"""Every field of a recipe for people: meaning, default and what is allowed, from its definition."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import Any

from nasfer.training.recipe import Recipe

SIGNS = {
    "exclusiveMinimum": ">", "minimum": ">=", "exclusiveMaximum": "<", "maximum": "<=",
}  # fmt: skip
"""Bounds of a JSON schema, as people write them."""

TEXTS = ("summary", "source")
"""Fields that say what a recipe is, and are not to be set."""


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field of a recipe.

    Args:
        name: as ``--set NAME=VALUE`` takes it.
        default: where neither recipe nor user says otherwise.
        allowed: type and range, or the values.
        meaning: of the field.
    """

    name: str
    default: str
    allowed: str
    meaning: str


def recipe_fields() -> list[FieldInfo]:
    """Return all fields that can be set, in the order of their definition.

    Example:
        >>> [(one.name, one.default, one.allowed) for one in recipe_fields()][:2]
        [('epochs', '20', 'integer > 0, <= 1e+06'), ('batch_size', '128', 'integer > 1, <= 65536')]
    """
    meanings = _meanings()
    schema = Recipe.model_json_schema()["properties"]
    return [
        FieldInfo(
            name,
            "none" if info.default is None else str(info.default).lower()
            if isinstance(info.default, bool) else str(info.default),
            _allowed(schema[name]),
            meanings.get(name, ""),
        )
        for name, info in Recipe.model_fields.items()
        if name not in TEXTS
    ]  # fmt: skip


def _meanings() -> dict[str, str]:
    """Return what the docstring of `Recipe` says of each field."""
    text = inspect.getdoc(Recipe) or ""
    arguments = text.split("Args:\n")[1].split("\nRaises:")[0]
    found = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", arguments, re.M)
    return {name: " ".join(meaning.replace("``", "").split()) for name, meaning in found}


def _allowed(schema: dict[str, Any]) -> str:
    """Return a field's type and range in words."""
    if "anyOf" in schema:
        return " or ".join(_allowed(one) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    kind = {"null": "none", "boolean": "true, false"}.get(schema["type"], schema["type"])
    bounds = [f"{sign} {schema[key]:g}" for key, sign in SIGNS.items() if key in schema]
    return f"{kind} {', '.join(bounds)}".strip()
