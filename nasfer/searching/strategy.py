"""Strategies: how candidates are proposed. ``ask`` for one, ``tell`` how it fared."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from typing import Any

from nasfer.arch import Arch
from nasfer.registry import Registry
from nasfer.searching.evaluator import Outcome
from nasfer.searching.families import Fronts, Populations
from nasfer.searching.front import Front
from nasfer.searching.population import Population
from nasfer.space import Space

STRATEGIES: Registry[type[Strategy]] = Registry("strategy", entry_points="nasfer.strategies")
"""Every strategy by name; outside ones come by the entry point ``nasfer.strategies``."""


class Strategy(ABC):
    """Proposes members of a space; learns from every outcome that it is told.

    Args:
        space: where proposals come from.
        seed: of all its randomness: same seed and same outcomes, same proposals.
        population: how many of the best proposals are kept; several families share them equally.
    Attributes:
        space: where proposals come from, less the families that were dropped.
        population: the best proposals so far.
        front: the best feasible proposal at every size.
    """

    def __init__(self, space: Space, *, seed: int, population: int = 512) -> None:
        self.space = space
        self.rng = random.Random(seed)
        self.population: Population | Populations
        self.front: Front | Fronts
        if len(space.parts) == 1:
            self.population, self.front = Population(space, population), Front()
        else:
            self.population, self.front = Populations(space, population), Fronts(space)
        self._starts = space.starts
        self._asked = 0
        self._dropped: list[str] = []

    @abstractmethod
    def ask(self) -> Arch:
        """Return the next proposal, a member of the space."""

    def next_start(self) -> Arch | None:
        """Return the start of a family whose turn it is to be asked for, ``None`` if all were.

        The start of a plain space is asked for until an outcome is told.
        """
        if len(self._starts) == 1:
            return None if len(self.population) else self.space.start
        if self._asked == len(self._starts):
            return None
        self._asked += 1
        return self._starts[self._asked - 1]

    def drop(self, family: str) -> None:
        """Propose no more members of a family, and forget those that were.

        Raises:
            SpaceError: it is the only family.
        """
        self.space = self.space.without(family)
        self._dropped.append(family)
        for kept in (self.population, self.front):
            if isinstance(kept, Populations | Fronts):
                kept.drop(family)

    def told_families(self) -> frozenset[str]:
        """Return the families of which an outcome was told."""
        return self._families_in(self.population)

    def feasible_families(self) -> frozenset[str]:
        """Return the families of which a proposal kept the budget and was scored."""
        return self._families_in(self.front)

    def _families_in(self, kept: Population | Populations | Front | Fronts) -> frozenset[str]:
        if isinstance(kept, Populations | Fronts):
            return frozenset(kept)
        return frozenset(self.space.families if len(kept) else ())

    def tell(self, arch: Arch, outcome: Outcome) -> None:
        """Learn how a proposal fared; any order is accepted."""
        self.population.add(arch, outcome)
        if outcome.slack == 0.0:
            self.front.add(arch, outcome)

    def state(self) -> dict[str, Any]:
        """Return plain data (JSON) from which `restore` goes on as if never interrupted."""
        version, numbers, gauss = self.rng.getstate()
        return {
            "rng": [version, list(numbers), gauss],
            "population": self.population.state(),
            "front": self.front.state(),
            "asked": self._asked,
            "dropped": list(self._dropped),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from where `state` was taken."""
        version, numbers, gauss = state["rng"]
        self.rng.setstate((version, tuple(numbers), gauss))
        for family in state["dropped"]:
            self.drop(family)
        self._asked = state["asked"]
        self.population.restore(state["population"])
        self.front.restore(state["front"])


def register_strategy(name: str) -> Any:
    """Class decorator: make a strategy known by name.

    Raises:
        DuplicateNameError: the name is taken.
    """

    def register(strategy: type[Strategy]) -> type[Strategy]:
        return STRATEGIES.add(name, strategy)

    return register
