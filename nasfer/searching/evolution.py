"""Steady-state evolution, as ZenNAS searches, with smaller steps and crossover."""

from __future__ import annotations

from nasfer.arch import Arch
from nasfer.searching.strategy import Strategy, register_strategy

CROSSOVER = 0.3
"""Share of proposals that join two parents."""

SMALLER = 0.05
"""Share of parents taken from the front of all sizes, so that the front is worth a look."""

ANOTHER_STEP = 0.3
"""Chance of one more step: under a limit one block can grow only as another shrinks."""


@register_strategy("evolution")
class Evolution(Strategy):
    """Keep the best 512; vary one of them, drawn at random; forget the worst.

    In a space of several families each keeps its share of the 512, and the family is drawn first.

    The published search takes one whole-block step (`Space.mutate`) from one parent. Steps of one
    field, several of them, crossover, and a population that holds few members of one skeleton find
    better networks with the same number of proposals (``benchmarks/search_quality.py``).

    Source: Lin et al., ICCV 2021, arXiv:2102.01063, Algorithm 2, and the differences above.
    """

    def ask(self) -> Arch:
        """Return a child of one or two members of a family, the starts first of all."""
        start = self.next_start()
        if start is not None:
            return start
        rng, space = self.rng, self.space
        if rng.random() < SMALLER and len(self.front):
            child = self.front.draw(rng)
        else:
            child = self.population.draw(rng)
        if rng.random() < CROSSOVER:
            child = space.crossover(child, self.population.draw(rng, like=child), rng=rng)
            if rng.random() < ANOTHER_STEP:
                return child
        while True:
            child = space.nudge(child, rng=rng)
            if rng.random() >= ANOTHER_STEP:
                return child
