"""From candidates to wanted trials: those that are known before the first one runs."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from nasfer.runs.records import TrialSpec
from nasfer.tuning.asking.asking import Asked
from nasfer.tuning.asking.ranges import Range, draw
from nasfer.tuning.asking.settings import TuneSettings
from nasfer.tuning.asking.sources import Candidate
from nasfer.tuning.proposing.sampling import sample_members


def first_trials(asked: Asked) -> list[TrialSpec]:
    """Return all trials that are known before the first one runs.

    Raises:
        BudgetError: no member of a space is within the budget.
        ProxyError: no member can be scored.
    """
    settings, ranges = asked.settings, asked.ranges
    at_once = settings.sampler in ("evolution", "random")
    specs = []
    if not ranges or at_once or settings.scheduler == "pbt":
        for candidate in asked.candidates:
            for number in range(settings.trials if ranges else 1):
                config = draw_config(ranges, settings.seed, number, candidate.arch.digest())
                specs += trials_of(candidate, config, settings, number)
    drawn: dict[str, tuple[int, Candidate]] = {}  # numbers of a space do not depend on another
    for space in asked.spaces if at_once else ():
        for number, candidate in enumerate(sample_members(space, asked)):
            drawn.setdefault(candidate.arch.digest(), (number, candidate))
    for digest, (number, candidate) in drawn.items():
        config = draw_config(ranges, settings.seed, number, digest)
        specs += trials_of(candidate, config, settings, number)
    return specs


def more_seeds(specs: Iterable[TrialSpec], settings: TuneSettings) -> list[TrialSpec]:
    """Return all trials of the candidates that are wanted, those of new seeds among them.

    Example:
        >>> known = [TrialSpec("a", "0123", "S(1)", "a", 5)]
        >>> [spec.key for spec in more_seeds(known, TuneSettings(("a",), "drawn", seed=5, seeds=2))]
        ['0123-s5', '0123-s6']
    """
    first = {spec.candidate: spec for spec in specs}
    seeds = range(settings.seed, settings.seed + settings.seeds)
    return [replace(spec, seed=seed) for spec in first.values() for seed in seeds]


def draw_config(ranges: Mapping[str, Range], seed: int, number: int, digest: str) -> dict[str, Any]:
    """Return recipe values, which follow from seed, number and candidate alone."""
    rng = random.Random(f"{seed} {number} {digest}")
    return {name: draw(found, rng) for name, found in ranges.items()}


def trials_of(
    candidate: Candidate,
    config: Mapping[str, Any],
    settings: TuneSettings,
    number: int = 0,
    proposal: Mapping[str, Any] | None = None,
) -> list[TrialSpec]:
    """Return a candidate's trials, one a seed."""
    return [
        TrialSpec(
            candidate.source, candidate.arch.digest(), str(candidate.arch), candidate.named,
            settings.seed + index, config, number, proposal,
        )
        for index in range(settings.seeds)
    ]  # fmt: skip
