"""From candidates to wanted trials: those that are known before the first one runs."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from nasfer.runs.records import TrialSpec
from nasfer.tuning.asking.asking import Asked
from nasfer.tuning.asking.ranges import Range, draw
from nasfer.tuning.asking.settings import TuneSettings
from nasfer.tuning.asking.sources import Candidate, distinct
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
    drawn = [m for space in asked.spaces if at_once for m in sample_members(space, asked)]
    for number, candidate in enumerate(distinct(drawn)):
        config = draw_config(ranges, settings.seed, number, candidate.arch.digest())
        specs += trials_of(candidate, config, settings, number)
    return specs


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
