"""The door of a tuning: what a user asks for, read and checked once."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from nasfer.arch import Arch, is_structure
from nasfer.data import absolute_data
from nasfer.errors import SpecError, UnknownNameError
from nasfer.presets import PRESETS, source_name
from nasfer.runs.naming import absolute_path
from nasfer.searching.budget import Budget, Unit, asked_limits
from nasfer.space import Space
from nasfer.training.older import field_name
from nasfer.training.recipe import OWN, Recipe, load_recipe
from nasfer.training.retuning import FIXED
from nasfer.tuning.asking.ranges import Range, parse_ranges
from nasfer.tuning.asking.settings import Sampler, Scheduler, TuneSettings, as_text
from nasfer.tuning.asking.sources import Candidate, distinct, read_source


@dataclass(frozen=True)
class Asked:
    """What is asked for: nothing behind the door reads a user's text again.

    Args:
        settings: the texts, for ``run.yaml`` and for workers, which read them once more.
        recipe: of all trials, but for the values that are searched.
        ranges: of the recipe values that are searched.
        candidates: networks that are named, all distinct.
        spaces: whose members are proposed.
    """

    settings: TuneSettings
    recipe: Recipe
    ranges: Mapping[str, Range]
    candidates: tuple[Candidate, ...]
    spaces: tuple[Space, ...]

    def budget(self, space: Space) -> Budget:
        """Return what a member of a space may cost: its own limits, or those asked for."""
        return Budget(**{**space.limits.model_dump(), **self.settings.budget})

    def plain(self) -> dict[str, Any]:
        """Return plain data for ``run.yaml``, with all that the recipe says now.

        A run goes on with the recipe that it began with, or not at all.
        """
        return {**self.settings.to_dict(), "recipe_values": self.recipe.model_dump(mode="json")}


def ask(
    sources: Sequence[Arch | str | Path],
    data: str | Path,
    *,
    recipe: str | Path = "nasfer",
    options: Mapping[str, Any] | None = None,
    budget: str | int | None = None,
    budget_unit: Unit = "flops",
    max_params: str | int | None = None,
    cpus: float = 1.0,
    **settings: Any,
) -> Asked:
    """Read what a user asks for; the arguments are those of `nasfer.tune`.

    Raises:
        NasferError: a value is wrong; one line.
    """
    for name, allowed in (("sampler", get_args(Sampler)), ("scheduler", get_args(Scheduler))):
        value = settings.get(name, allowed[0])
        if value not in allowed:
            raise UnknownNameError(f"unknown {name} {value!r}: one of {', '.join(allowed)}")
    if not sources:
        raise SpecError("no source: a run folder, preset, structure, file or space is needed")
    if not cpus > 0:
        raise SpecError(f"`cpus_per_trial`: {cpus:g} is not over 0")
    named = _recipe_name(recipe, sources)
    chosen = load_recipe(named).with_options(options or {}, "`options`")
    texts = {field_name(name): as_text(value) for name, value in (options or {}).items()}
    settings["search"] = _todays(settings.get("search") or {})
    asked = TuneSettings(
        tuple(_absolute(source) for source in sources),
        absolute_data(data),
        named,
        {**texts, "epochs": str(chosen.epochs)},
        budget=asked_limits(budget, budget_unit, {"max_params": max_params}),
        threads=max(1, int(cpus)),
        **settings,
    )
    both = sorted(asked.search.keys() & texts.keys())
    if both:
        raise SpecError(f"`search`: {both[0]}: is set to {texts[both[0]]!r}, too")
    ranges = parse_ranges(asked.search, chosen)
    found = [
        read_source(source, top=asked.top, budget=bool(asked.budget)) for source in asked.sources
    ]
    spaces = tuple(one for one in found if isinstance(one, Space))
    candidates = distinct([one for some in found if not isinstance(some, Space) for one in some])
    if asked.scheduler == "pbt":
        _check_population(asked, candidates, spaces)
    return Asked(asked, chosen, ranges, tuple(candidates), spaces)


def _todays(search: Mapping[str, str]) -> dict[str, str]:
    """Return ranges under the names that the recipe's fields have today."""
    found: dict[str, str] = {}
    for name, text in search.items():
        if field_name(name) in found:
            raise SpecError(f"`search`: {field_name(name)} stands there twice, also as {name}")
        found[field_name(name)] = text
    return found


def _recipe_name(recipe: str | Path, sources: Sequence[Arch | str | Path]) -> str:
    """Return the name of a recipe, or its file with an absolute path; ``paper`` is looked up."""
    if str(recipe) == OWN:
        own = {str(s): PRESETS.get(str(s)).recipe for s in sources if str(s) in PRESETS}
        if len(own) < len(sources) or len(set(own.values())) > 1:
            raise SpecError(
                f"`recipe`: {OWN!r} is a preset's own, but one recipe trains all candidates"
            )
        return next(iter(own.values()))
    is_file = str(recipe).endswith((".yaml", ".yml"))
    return absolute_path(recipe) if is_file else str(recipe)


def _check_population(
    settings: TuneSettings, networks: Sequence[Candidate], spaces: Sequence[Space]
) -> None:
    """Refuse what population based training cannot do: copy weights between networks."""
    if not settings.search:
        raise SpecError("`scheduler` pbt: needs `search`, the recipe values that it varies")
    fixed = sorted(FIXED & settings.search.keys())
    if fixed:
        raise SpecError(f"`scheduler` pbt: {fixed[0]} holds for a whole training")
    if spaces:
        raise SpecError(
            f"`scheduler` pbt: trials of one network; {f'space:{spaces[0].name}'!r} is a space"
        )
    if len(networks) > 1:
        raise SpecError(
            "`scheduler` pbt: trials of one network, which take over each other's weights;"
            f" {len(networks)} networks given"
        )


def _absolute(source: Arch | str | Path) -> str:
    """Return a source as text, its path absolute: a run goes on from anywhere."""
    text = str(source)
    if is_structure(text):
        return text
    there = isinstance(source, Path) or os.path.exists(os.path.expanduser(text))
    return absolute_path(text) if there else text


def name_of(sources: Sequence[Arch | str | Path]) -> str:
    """Return a short name of sources, for a run folder: that of the first, as others may join.

    Example:
        >>> name_of(["zennet_m"]), name_of(["runs/best one/", "zennet_r"])
        ('zennet_m', 'best-one')
    """
    return source_name(sources[0])
