"""From settings to trials: what is known at once, and who proposes the rest while trials run."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from nasfer.errors import SpecError, UnknownNameError
from nasfer.searching.budget import make_budget
from nasfer.space import Limits, Space
from nasfer.training.recipe import load_recipe
from nasfer.training.retuning import FIXED
from nasfer.tuning.plan import Proposer
from nasfer.tuning.ranges import Range, parse_ranges
from nasfer.tuning.settings import Sampler, Scheduler, TrialSpec, TuneSettings
from nasfer.tuning.sources import Candidate, distinct, read_source


def ranges_of(settings: TuneSettings) -> dict[str, Range]:
    """Return the ranges that are searched, checked against the recipe."""
    recipe = load_recipe(settings.recipe).with_options(settings.options)
    both = sorted(settings.search.keys() & settings.options.keys())
    if both:
        raise SpecError(f"--search: {both[0]}: is set to {settings.options[both[0]]!r}, too")
    return parse_ranges(settings.search, recipe)


def wanted_trials(settings: TuneSettings) -> list[TrialSpec]:
    """Return all trials that are known before the first one runs.

    Raises:
        NasferError: a source, a range or the budget is wrong.
    """
    from nasfer.tuning.sampling import sample_members

    ranges = ranges_of(settings)
    candidates: list[Candidate] = []
    drawn: list[Candidate] = []
    for source in settings.sources:
        found = read_source(source, top=settings.top, budget=bool(settings.budget))
        if not isinstance(found, Space):
            candidates += found
        elif settings.scheduler == "pbt":
            raise SpecError(f"--scheduler pbt: trials of one network; {source!r} is a space")
        elif settings.sampler in ("evolution", "random"):
            drawn += sample_members(found, settings)
    networks = len(distinct(candidates))
    if settings.scheduler == "pbt" and networks > 1:
        raise SpecError(
            "--scheduler pbt: trials of one network, which take over each other's weights;"
            f" {networks} networks given"
        )
    specs = []
    if not ranges or settings.sampler in ("evolution", "random") or settings.scheduler == "pbt":
        for candidate in distinct(candidates):
            count = settings.trials if ranges else 1
            for number in range(count):
                config = draw_config(ranges, settings.seed, number, candidate.arch.digest())
                specs += trials_of(candidate, config, settings, number)
    for number, candidate in enumerate(distinct(drawn)):
        config = draw_config(ranges, settings.seed, number, candidate.arch.digest())
        specs += trials_of(candidate, config, settings, number)
    return specs


def make_proposers(settings: TuneSettings) -> list[Proposer]:
    """Return who proposes while trials run: Optuna, for spaces and for ranges."""
    if settings.sampler not in ("tpe", "nsga2"):
        return []
    from nasfer.tuning.optuna_proposers import RangeProposer, SpaceProposer

    ranges = ranges_of(settings)
    proposers: list[Proposer] = []
    candidates: list[Candidate] = []
    for source in settings.sources:
        found = read_source(source, top=settings.top, budget=bool(settings.budget))
        if isinstance(found, Space):
            proposers.append(SpaceProposer(found, ranges, settings))
        else:
            candidates += found
    if ranges and settings.scheduler != "pbt":
        for candidate in distinct(candidates):
            proposers.append(RangeProposer(candidate, ranges, settings))
    return proposers


def draw_config(ranges: dict[str, Range], seed: int, number: int, digest: str) -> dict[str, Any]:
    """Return recipe values, which follow from seed, number and candidate alone."""
    rng = random.Random(f"{seed} {number} {digest}")
    return {name: found.draw(rng) for name, found in ranges.items()}


def trials_of(
    candidate: Candidate,
    config: dict[str, Any],
    settings: TuneSettings,
    number: int = 0,
    proposal: dict[str, Any] | None = None,
) -> list[TrialSpec]:
    """Return a candidate's trials, one a seed."""
    return [
        TrialSpec(
            candidate.source, candidate.arch.digest(), str(candidate.arch), candidate.named,
            settings.seed + index, config, number, proposal,
        )
        for index in range(settings.seeds)
    ]  # fmt: skip


def short_name(sources: Sequence[str]) -> str:
    """Return a short name of sources for a run folder."""
    word = sources[0].rstrip("/").split("/")[-1]
    word = "".join(c if c.isalnum() or c in "_-." else "-" for c in word)[:40]
    return word if len(sources) == 1 else f"{word}-and-{len(sources) - 1}-more"


def tune_settings(
    sources: Sequence[str],
    data: str,
    *,
    recipe: str,
    options: Mapping[str, str],
    budget: str | int | None = None,
    budget_unit: str = "flops",
    max_params: str | int | None = None,
    cpus: float = 1.0,
    **settings: Any,
) -> TuneSettings:
    """Return checked settings: paths absolute, epochs said, names known.

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
        raise SpecError(f"--cpus-per-trial: {cpus:g} is not over 0")
    limits = make_budget(budget, budget_unit, Limits(), {"max_params": max_params})  # type: ignore[arg-type]
    epochs = load_recipe(recipe).with_options(options).epochs
    if recipe.endswith((".yaml", ".yml")):
        recipe = str(Path(recipe).expanduser().resolve())
    chosen = TuneSettings(
        tuple(_absolute(source) for source in sources),
        absolute_data(data),
        recipe,
        {**options, "epochs": str(epochs)},
        budget={name: value for name, value in asdict(limits).items() if value is not None},
        threads=max(1, int(cpus)),
        **settings,
    )
    ranges_of(chosen)
    if chosen.scheduler == "pbt" and not chosen.search:
        raise SpecError("--scheduler pbt: needs --search, the recipe values that it varies")
    fixed = sorted(FIXED & chosen.search.keys()) if chosen.scheduler == "pbt" else []
    if fixed:
        raise SpecError(f"--scheduler pbt: {fixed[0]} holds for a whole training")
    return chosen


def _absolute(source: str) -> str:
    path = Path(source).expanduser()
    return str(path.resolve()) if "(" not in source and path.exists() else source


def absolute_data(spec: str) -> str:
    """Return a ``--data`` value with its path absolute: workers run elsewhere.

    Example:
        >>> absolute_data("drawn,train=10"), absolute_data("fer2013:/a/b,split=x")
        ('drawn,train=10', 'fer2013:/a/b,split=x')
    """
    head, comma, options = spec.partition(",")
    name, colon, path = head.partition(":")
    if not colon or not path:
        return spec
    return f"{name}:{Path(path).expanduser().resolve()}{comma}{options}"
