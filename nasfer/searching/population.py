"""The population of one family: its best proposals so far."""

from __future__ import annotations

import random
from collections.abc import Hashable
from typing import Any

from nasfer.arch import Arch, parse_arch
from nasfer.searching.evaluator import Outcome
from nasfer.space import Space


def best_first(member: tuple[Arch, Outcome]) -> tuple[float, float, str]:
    """Order members: within the budget, by value, then by digest."""
    arch, outcome = member
    return -outcome.slack, -outcome.value, arch.digest()


class Population:
    """The best proposals so far, each once; of one skeleton only a few, so that ideas survive.

    Without the second rule a population soon holds one network in 512 widths.

    Args:
        space: tells the skeletons.
        size: members at most.
        per_skeleton: members of one skeleton (`Space.skeleton`) at most.
    """

    def __init__(self, space: Space, size: int = 512, per_skeleton: int = 4) -> None:
        self.size = size
        self.per_skeleton = per_skeleton
        self._space = space
        self._archs: list[Arch] = []
        self._outcomes: list[Outcome] = []
        self._members: set[Arch] = set()
        self._niches: dict[Hashable, list[int]] = {}
        self._worst: int | None = None  # known once the population is full

    def __len__(self) -> int:
        return len(self._archs)

    def add(self, arch: Arch, outcome: Outcome) -> None:
        """Keep a proposal if it is new and better than the member whose place it would take."""
        if self._worst is not None and outcome <= self._outcomes[self._worst]:
            return
        if arch in self._members:
            return
        skeleton = self._space.skeleton(arch)
        niche = self._niches.get(skeleton, [])
        if len(niche) >= self.per_skeleton:
            place = min(niche, key=lambda index: (self._outcomes[index], index))
            if outcome <= self._outcomes[place]:
                return
            self._leave(place)
        elif self._worst is not None:
            place = self._worst
            self._leave(place)
        else:
            place = len(self._archs)
            self._archs.append(arch)
            self._outcomes.append(outcome)
        self._niches.setdefault(skeleton, []).append(place)
        self._archs[place], self._outcomes[place] = arch, outcome
        self._members.add(arch)
        if place == self._worst or (self._worst is None and len(self._archs) == self.size):
            self._worst = self._find_worst()

    def _find_worst(self) -> int:
        return self._outcomes.index(min(self._outcomes))

    def _leave(self, place: int) -> None:
        gone = self._archs[place]
        self._members.discard(gone)
        skeleton = self._space.skeleton(gone)
        self._niches[skeleton].remove(place)
        if not self._niches[skeleton]:
            del self._niches[skeleton]

    def draw(self, rng: random.Random, *, like: Arch | None = None) -> Arch:
        """Return a member at random; all are of the family of ``like``."""
        return self._archs[int(rng.random() * len(self._archs))]

    def best(self) -> list[tuple[Arch, Outcome]]:
        """Return the members, best first; equal ones by digest."""
        members = list(zip(self._archs, self._outcomes))
        return sorted(members, key=best_first)

    def state(self) -> list[Any]:
        """Return plain data from which `restore` makes an equal population."""
        return [[str(arch), *outcome] for arch, outcome in zip(self._archs, self._outcomes)]

    def restore(self, state: list[Any]) -> None:
        """Become the population that `state` described."""
        self._archs, self._outcomes, self._members = [], [], set()
        self._niches, self._worst = {}, None
        for text, *outcome in state:
            arch = parse_arch(text)
            self._niches.setdefault(self._space.skeleton(arch), []).append(len(self._archs))
            self._archs.append(arch)
            self._outcomes.append(Outcome(*outcome))
            self._members.add(arch)
        if len(self._archs) == self.size:
            self._worst = self._find_worst()
