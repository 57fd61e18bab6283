"""What flows through the mean field of an untrained network: moments, rim profiles, depth.

`nasfer.proxies.zen_closed_form` derives how operations act on them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from nasfer.arch.ops import Shape
from nasfer.proxies.gaussian_integrals import SLOPE


class Profile:
    """Energy along one axis of a map, of mean 1; ``None`` stands for uniform.

    Args:
        energy: one value a row or column.
    Example:
        >>> gain, mean_gain, after = Profile((1.0,) * 4).read(kernel=3, stride=1, dilation=1, pad=1)
        >>> gain, mean_gain, after.energy
        (2.5, 2.125, (0.8, 1.2, 1.2, 0.8))
    """

    __slots__ = ("_reads", "energy")

    def __init__(self, energy: tuple[float, ...]) -> None:
        self.energy = energy
        self._reads: dict[tuple[int, int, int, int], tuple[float, float, Profile]] = {}

    def read(
        self, kernel: int, stride: int, dilation: int, pad: int
    ) -> tuple[float, float, Profile]:
        """Send the profile through one axis of a convolution.

        Returns:
            The gain of ``square``, the gain of ``mean_square``, and the profile behind it.
        """
        key = (kernel, stride, dilation, pad)
        if key not in self._reads:
            self._reads[key] = self._compute(*key)
        return self._reads[key]

    def _compute(
        self, kernel: int, stride: int, dilation: int, pad: int
    ) -> tuple[float, float, Profile]:
        size = len(self.energy)
        positions = (size + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1
        energy = [0.0] * positions
        mean_gain = 0.0
        for tap in range(kernel):
            amplitude = 0.0
            for position in range(positions):
                cell = position * stride - pad + tap * dilation
                if 0 <= cell < size:
                    energy[position] += self.energy[cell]
                    amplitude += math.sqrt(self.energy[cell])
            mean_gain += (amplitude / positions) ** 2
        gain = sum(energy) / positions
        return gain, mean_gain, profile(tuple(round(value / gain, 3) for value in energy))


@lru_cache(maxsize=65536)
def profile(energy: tuple[float, ...]) -> Profile:
    """Return the one profile of that energy, so that equal signals are the same memo key."""
    return Profile(energy)


@lru_cache(maxsize=1024)
def uniform_profile(size: int) -> Profile:
    """Return the profile of ones."""
    return profile((1.0,) * size)


class Signal(NamedTuple):
    """Shape and moments of what flows into an operation.

    Args:
        square: mean of the squared values.
        mean_square: mean over channels of the squared channel mean.
        rectified: whether all values are at least 0, the last of them made so by a ReLU.
        rows: energy over the map's rows; ``None`` is uniform.
        columns: energy over the map's columns; ``None`` is uniform.
    """

    shape: Shape
    square: float = 1.0
    mean_square: float = 0.0
    rectified: bool = False
    rows: Profile | None = None
    columns: Profile | None = None

    @property
    def variance(self) -> float:
        """Mean variance of a channel."""
        return self.square - self.mean_square

    def scaled(self, square: float, mean_square: float) -> Signal:
        """Multiply both moments."""
        return self._replace(
            square=square * self.square, mean_square=mean_square * self.mean_square
        )


class Terms(NamedTuple):
    """What a part of the network adds to the score, and the signal that leaves it.

    Args:
        log_norms: of its batch norms, summed.
        relus: how many ReLUs let the perturbation grow as much as this part does: their number in
            a chain, not a whole number where branches or pools are passed.
        signal: behind it.
    """

    log_norms: float
    relus: float
    signal: Signal


def mean_depth(parts: Sequence[tuple[float, float]]) -> float:
    """Return the ReLUs that let a mixture's relative difference grow as much as its parts do.

    Args:
        parts: weight (a variance) and ReLUs of each part.
    Example:
        >>> mean_depth([(1.0, 2), (1.0, 2)]), round(mean_depth([(1.0, 0), (1.0, 2)]), 3)
        (2, 1.187)
    """
    first = parts[0][1]
    if all(relus == first for _, relus in parts):
        return first
    whole = sum(weight for weight, _ in parts)
    growth = sum(weight * SLOPE**relus for weight, relus in parts) / whole
    return math.log(growth) / math.log(SLOPE)
