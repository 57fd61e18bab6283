"""Populations and fronts of several families: each family has its own, so that all stay alive.

Scores of two families differ by tens of nats at the same budget: ranked together, one family would
soon be the only one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from nasfer.arch import Arch
from nasfer.searching.evaluator import Outcome
from nasfer.searching.front import Front
from nasfer.searching.population import Population, best_first
from nasfer.space import Space

Kept = TypeVar("Kept", Population, Front)


class _ByFamily(Generic[Kept]):
    """One thing a family; it is told its family's proposals alone."""

    def __init__(self, space: Space, kept: dict[str, Kept]) -> None:
        self._space = space
        self._parts = dict(zip(space.families, space.parts))
        self._kept: dict[str, Kept] = kept

    def __len__(self) -> int:
        return sum(map(len, self._kept.values()))

    def __iter__(self) -> Iterator[str]:
        return (family for family, kept in self._kept.items() if len(kept))

    def add(self, arch: Arch, outcome: Outcome) -> None:
        """Keep a proposal in its family, if it is good enough there."""
        self._kept[self._space.family(arch)].add(arch, outcome)

    def drop(self, family: str) -> None:
        """Forget a family, and its proposals with it."""
        del self._kept[family], self._parts[family]
        self._space = self._space.without(family)

    def state(self) -> dict[str, Any]:
        """Return plain data from which `restore` makes an equal one."""
        return {family: kept.state() for family, kept in self._kept.items()}

    def restore(self, state: dict[str, Any]) -> None:
        """Become what `state` described."""
        for family, kept in self._kept.items():
            kept.restore(state[family])


class Populations(_ByFamily[Population]):
    """A population of each family; iteration gives the families that have a member.

    Args:
        space: several families.
        size: members at most, of all families together; each has the same share.
    """

    def __init__(self, space: Space, size: int = 512) -> None:
        share = max(1, size // len(space.parts))
        super().__init__(space, {part.name: Population(part, share) for part in space.parts})

    def draw(self, rng: random.Random, *, like: Arch | None = None) -> Arch:
        """Return a random member of a random family, or of the family of ``like``.

        A family without members, whose start could not be scored, gives a sample.
        """
        if like is None:
            family = self._space.families[int(rng.random() * len(self._kept))]
        else:
            family = self._space.family(like)
        population = self._kept[family]
        return population.draw(rng) if len(population) else self._parts[family].sample(rng=rng)

    def best(self) -> list[tuple[Arch, Outcome]]:
        """Return the members of all families, best first; equal ones by digest."""
        members = (member for kept in self._kept.values() for member in kept.best())
        return sorted(members, key=best_first)


class Fronts(_ByFamily[Front]):
    """A front of each family; iteration gives the families that have a feasible member."""

    def __init__(self, space: Space) -> None:
        super().__init__(space, {part.name: Front() for part in space.parts})

    def draw(self, rng: random.Random) -> Arch:
        """Return a random kept proposal of a random family that has one."""
        kept = [front for front in self._kept.values() if len(front)]
        return kept[int(rng.random() * len(kept))].draw(rng)

    def members(self) -> list[tuple[Arch, Outcome]]:
        """Return the kept proposals of all families, smallest first."""
        members = [member for front in self._kept.values() for member in front.members()]
        return sorted(members, key=lambda member: member[1].flops)
