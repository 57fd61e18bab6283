"""``nasfer recipes``: the recipes by name, and every field of one."""

from __future__ import annotations

from dataclasses import asdict

from nasfer.cli.options import AsJson
from nasfer.cli.output import echo, echo_json


def recipes(json: AsJson = False) -> None:
    """List the recipes, and every field of one: meaning, default, what is allowed.

    Any field is set by `--set NAME=VALUE` of train and tune, or in a YAML file for `--recipe`.

    Example: nasfer recipes
    """
    from nasfer.training.describing import recipe_fields
    from nasfer.training.recipe import list_recipes, load_recipe

    named = {name: load_recipe(name) for name in list_recipes()}
    fields = recipe_fields()
    if json:
        summaries = {name: recipe.summary for name, recipe in named.items()}
        echo_json({"recipes": summaries, "fields": [asdict(field) for field in fields]})
        return
    for name, recipe in named.items():
        echo(f"{name}: {recipe.summary}")
    echo("")
    for field in fields:
        echo(f"{field.name} = {field.default}  ({field.allowed})")
        echo(f"    {field.meaning}")
