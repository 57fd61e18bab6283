"""Steady-state evolution, as ZenNAS searches, with smaller steps and crossover."""

from __future__ import annotations

from nasfer.arch import Arch
from nasfer.searching.strategy import Strategy, register_strategy

CROSSOVER = 0.2
"""Share of proposals that join two parents."""

REDRAW = 0.1
"""Share of steps that draw a whole block anew, the published move."""

ANOTHER_STEP = 0.5
"""Chance of one more step: a limit on layers or FLOPs lets one block grow only as another shrinks."""


@register_strategy("evolution")
class Evolution(Strategy):
    """Keep the best 512; vary one of them, drawn at random; forget the worst.

    The published search takes one whole-block step from one parent. Steps of one field, several of
    them, and crossover find better networks with the same number of proposals
    (``results/zennet_search.md``).

    Source: Lin et al., ICCV 2021, arXiv:2102.01063, Algorithm 2, and the differences above.
    """

    def ask(self) -> Arch:
        """Return a child of one or two members of the population, the start first of all."""
        if not len(self.population):
            return self.space.start
        rng, space = self.rng, self.space
        child = self.population.draw(rng)
        if rng.random() < CROSSOVER:
            child = space.crossover(child, self.population.draw(rng), rng=rng)
            if rng.random() < ANOTHER_STEP:
                return child
        while True:
            step = space.mutate if rng.random() < REDRAW else space.nudge
            child = step(child, rng=rng)
            if rng.random() >= ANOTHER_STEP:
                return child
