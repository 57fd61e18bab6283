"""Random sampling: the baseline that a strategy must beat."""

from __future__ import annotations

from nasfer.arch import Arch
from nasfer.searching.strategy import Strategy, register_strategy


@register_strategy("random")
class RandomSampling(Strategy):
    """Independent members of the space, each a random walk from the start."""

    def ask(self) -> Arch:
        """Return a random member."""
        return self.space.sample(rng=self.rng)
