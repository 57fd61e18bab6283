"""Candidates of a space by nasfer's own strategies, before anything is trained."""

from __future__ import annotations

from nasfer.searching.candidates import distinct
from nasfer.searching.proposing import propose
from nasfer.searching.settings import SearchSettings
from nasfer.space import Space
from nasfer.tuning.asking.asking import Asked
from nasfer.tuning.asking.sources import Candidate

ITERATIONS = {"evolution": 20_000, "random": 2_000}
"""Proposals that are scored in closed form, for the few that are kept."""

RESOLUTION = 224
"""Side of the images on which the budget counts, without --resolution: as in `nasfer search`."""


def sample_members(space: Space, asked: Asked) -> list[Candidate]:
    """Return the best proposals of a strategy within the budget; `random` ones come in no order.

    Raises:
        BudgetError: no member meets the budget; the message holds the smallest one.
        ProxyError: nothing can be scored.
    """
    settings = asked.settings
    search = SearchSettings(
        space.name,
        space.digest(),
        asked.budget(space),
        strategy=settings.sampler,
        iterations=ITERATIONS[settings.sampler],
        seed=settings.seed,
        resolution=settings.resolution or RESOLUTION,
    )
    strategy, _ = propose(space, search, None, lambda progress: None)
    members = [arch for arch, outcome in strategy.population.best() if not outcome.slack]
    chosen = distinct(members)
    if settings.sampler == "random":
        chosen.sort(key=lambda arch: arch.digest())
    return [
        Candidate(f"{space.name}#{number}", arch, str(arch))
        for number, arch in enumerate(chosen[: settings.trials], start=1)
    ]
