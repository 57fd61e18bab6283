"""What flows through the mean field of an untrained network: moments, rim profiles, kernels.

`nasfer.proxies.zen_closed_form` derives how operations act on them.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

from nasfer.arch.ops import Shape
from nasfer.errors import ProxyError

KERNEL_AT_ZERO = 1 / (2 * math.pi)
"""The arc-cosine kernel of independent values."""


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
        rectified: whether the last operation on the way was a ReLU.
        rows: energy over the map's rows; ``None`` is uniform.
        columns: energy over the map's columns; ``None`` is uniform.
    """

    shape: Shape
    square: float = 1.0
    mean_square: float = 0.0
    rectified: bool = False
    rows: Profile | None = None
    columns: Profile | None = None


class Terms(NamedTuple):
    """What a part of the network adds to the score, and the signal that leaves it."""

    log_norms: float
    relus: int
    signal: Signal


def arc_cosine_kernel(correlation: float) -> float:
    """Return ``E[relu(a) relu(b)]`` of standard normals of that correlation.

    Source: Cho and Saul, NIPS 2009, eq. 1 with n = 1.
    Example:
        >>> arc_cosine_kernel(1.0), round(arc_cosine_kernel(0.0), 4)
        (0.5, 0.1592)
    """
    c = min(1.0, max(-1.0, correlation))
    return (math.sqrt(1 - c * c) + c * (math.pi - math.acos(c))) / (2 * math.pi)


def relu6_moments(sigma: float) -> tuple[float, float]:
    """Return mean and mean square of ``min(max(x, 0), 6)`` for ``x`` normal of mean 0.

    Raises:
        ProxyError: 6 is under 5 ``sigma``, where the clipping changes the correlation map too.
    Example:
        >>> mean, square = relu6_moments(1.0)
        >>> round(mean, 6), round(square, 6)  # 1 / sqrt(2 pi) and 1 / 2, as for ReLU
        (0.398942, 0.5)
    """
    if sigma > 6 / 5:
        raise ProxyError("zen_closed_form: a ReLU6 that clips; use --proxy zen")
    if sigma == 0:
        return 0.0, 0.0
    a = 6 / sigma
    tail = math.erfc(a / math.sqrt(2)) / 2
    density = math.exp(-a * a / 2) / math.sqrt(2 * math.pi)
    mean = sigma * (1 / math.sqrt(2 * math.pi) - density) + 6 * tail
    return mean, sigma**2 * (0.5 - tail - a * density) + 36 * tail


@lru_cache(maxsize=4096)
def mean_squared_gate(square: float) -> float:
    """Return ``E[sigmoid(g)^2]`` for ``g`` normal with that mean square, by the midpoint rule."""
    steps, reach = 400, 8.0
    sigma, width = math.sqrt(square), 2 * reach / steps
    total = 0.0
    for step in range(steps):
        z = -reach + (step + 0.5) * width
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        total += density * width / (1 + math.exp(-min(60.0, max(-60.0, sigma * z)))) ** 2
    return total
