"""Every field of a recipe is told of: what it means, and what is allowed is what is accepted."""

from __future__ import annotations

import json

import pytest

from nasfer.errors import SpecError
from nasfer.training.describing import TEXTS, recipe_fields
from nasfer.training.recipe import Recipe
from tests.cli.test_commands import nasfer

FIELDS = {field.name: field for field in recipe_fields()}


def test_every_field_is_there_and_nearly_every_one_has_a_sentence() -> None:
    assert set(FIELDS) == set(Recipe.model_fields) - set(TEXTS)
    silent = {name for name, field in FIELDS.items() if not field.meaning}
    assert silent <= {"momentum", "nesterov", "weight_decay", "step_epochs", "step_factor"}


@pytest.mark.parametrize("name", FIELDS)
def test_a_value_that_is_not_allowed_is_refused_and_the_default_is_not(name: str) -> None:
    field = FIELDS[name]
    Recipe().with_options({name: field.default})
    if "string" not in field.allowed:
        with pytest.raises(SpecError):
            Recipe().with_options({name: "-7"})


def test_the_command_shows_them() -> None:
    done = nasfer("recipes", "--json")
    found = json.loads(done.stdout)
    assert "nasfer" in found["recipes"]
    assert [field["name"] for field in found["fields"]] == list(FIELDS)
    shown = nasfer("recipes").stdout
    assert "label_smoothing = 0.0  (number >= 0, < 1)\n    share of a target" in shown
