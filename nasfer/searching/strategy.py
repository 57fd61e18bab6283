"""Strategies: how candidates are proposed. ``ask`` for one, ``tell`` how it fared."""

from __future__ import annotations

import heapq
import random
from abc import ABC, abstractmethod
from typing import Any

from nasfer.arch import Arch, parse_arch
from nasfer.registry import Registry
from nasfer.searching.evaluator import Outcome
from nasfer.space import Space

STRATEGIES: Registry[type[Strategy]] = Registry("strategy", entry_points="nasfer.strategies")
"""Every strategy by name; outside ones come by the entry point ``nasfer.strategies``."""


class Population:
    """The best proposals so far, each once, at most ``size`` of them.

    Example:
        >>> from nasfer.arch import parse_arch
        >>> population = Population(1)
        >>> for channels, value in ((8, 1.0), (16, 2.0), (24, 1.5)):
        ...     stem = parse_arch(f"SuperConvK3BNRELU(3,{channels},2,1)")
        ...     population.add(stem, Outcome(0.0, value, 100))
        >>> [(str(arch), outcome.value) for arch, outcome in population.best()]
        [('SuperConvK3BNRELU(3,16,2,1)', 2.0)]
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._heap: list[tuple[Outcome, int, Arch]] = []  # the worst one first
        self._members: set[Arch] = set()
        self._added = 0

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, arch: Arch, outcome: Outcome) -> None:
        """Keep a proposal if it is new and better than the worst one kept."""
        full = len(self._heap) >= self.size
        if (full and outcome <= self._heap[0][0]) or arch in self._members:
            return
        self._added += 1
        entry = (outcome, -self._added, arch)
        if full:
            self._members.discard(heapq.heapreplace(self._heap, entry)[2])
        else:
            heapq.heappush(self._heap, entry)
        self._members.add(arch)

    def draw(self, rng: random.Random) -> Arch:
        """Return a member at random."""
        return self._heap[int(rng.random() * len(self._heap))][2]

    def best(self) -> list[tuple[Arch, Outcome]]:
        """Return the members, best first; equal ones in order of arrival."""
        return [(arch, outcome) for outcome, _, arch in sorted(self._heap, reverse=True)]

    def state(self) -> dict[str, Any]:
        """Return plain data from which `restore` makes an equal population."""
        return {
            "added": self._added,
            "heap": [[list(outcome), order, str(arch)] for outcome, order, arch in self._heap],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Become the population that `state` described."""
        self._added = state["added"]
        self._heap = [
            (Outcome(*outcome), order, parse_arch(text)) for outcome, order, text in state["heap"]
        ]
        self._members = {arch for _, _, arch in self._heap}


class Strategy(ABC):
    """Proposes members of a space; learns from every outcome that it is told.

    Args:
        space: where proposals come from.
        seed: of all its randomness: same seed and same outcomes, same proposals.
        population: how many of the best proposals are kept.
    """

    def __init__(self, space: Space, *, seed: int, population: int = 512) -> None:
        self.space = space
        self.rng = random.Random(seed)
        self.population = Population(population)

    @abstractmethod
    def ask(self) -> Arch:
        """Return the next proposal, a member of the space."""

    def tell(self, arch: Arch, outcome: Outcome) -> None:
        """Learn how a proposal fared; any order is accepted."""
        self.population.add(arch, outcome)

    def state(self) -> dict[str, Any]:
        """Return plain data (JSON) from which `restore` goes on as if never interrupted."""
        version, numbers, gauss = self.rng.getstate()
        return {"rng": [version, list(numbers), gauss], "population": self.population.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from where `state` was taken."""
        version, numbers, gauss = state["rng"]
        self.rng.setstate((version, tuple(numbers), gauss))
        self.population.restore(state["population"])


def register_strategy(name: str) -> Any:
    """Class decorator: make a strategy known by name.

    Raises:
        DuplicateNameError: the name is taken.
    """

    def register(strategy: type[Strategy]) -> type[Strategy]:
        return STRATEGIES.add(name, strategy)

    return register
