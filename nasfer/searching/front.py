"""The best network seen at every size: what a budget buys."""

from __future__ import annotations

import math
import random
from typing import Any

from nasfer.arch import Arch, parse_arch
from nasfer.searching.evaluator import Outcome

BINS_PER_DOUBLING = 4
"""Networks within a factor of 2^(1/4) in FLOPs compete for one place."""


class Front:
    """The best feasible proposal for each range of FLOPs.

    Example:
        >>> from nasfer.arch import parse_arch
        >>> front = Front()
        >>> front.add(parse_arch("SuperConvK3BNRELU(3,8,2,1)"), Outcome(0.0, 1.0, 1000))
        >>> front.add(parse_arch("SuperConvK3BNRELU(3,16,2,1)"), Outcome(0.0, 2.0, 1001))
        >>> [str(arch) for arch, _ in front.members()]
        ['SuperConvK3BNRELU(3,16,2,1)']
    """

    def __init__(self) -> None:
        self._bins: dict[int, tuple[Outcome, Arch]] = {}
        self._drawable: list[Arch] = []

    def add(self, arch: Arch, outcome: Outcome) -> None:
        """Keep a proposal that is the best of its range."""
        place = int(math.log2(outcome.flops) * BINS_PER_DOUBLING)
        kept = self._bins.get(place)
        if kept is None or outcome.value > kept[0].value:
            self._bins[place] = (outcome, arch)
            self._drawable = [member for member, _ in self.members()]

    def draw(self, rng: random.Random) -> Arch:
        """Return one of the kept proposals at random."""
        return self._drawable[int(rng.random() * len(self._drawable))]

    def __len__(self) -> int:
        return len(self._bins)

    def members(self) -> list[tuple[Arch, Outcome]]:
        """Return the kept proposals, smallest first."""
        return [(arch, outcome) for _, (outcome, arch) in sorted(self._bins.items())]

    def state(self) -> list[Any]:
        """Return plain data from which `restore` makes an equal front."""
        return [[str(arch), *outcome] for arch, outcome in self.members()]

    def restore(self, state: list[Any]) -> None:
        """Become the front that `state` described."""
        self._bins = {}
        for text, *outcome in state:
            self.add(parse_arch(text), Outcome(*outcome))
