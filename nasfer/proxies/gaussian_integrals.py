"""Moments of a Gaussian behind nonlinearities: kernels, clipping, squashing, maxima."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from statistics import NormalDist

from nasfer.errors import ProxyError

NORMAL = NormalDist()
"""The standard normal distribution."""

KERNEL_AT_ZERO = 1 / (2 * math.pi)
"""The arc-cosine kernel of independent values."""

SLOPE = 0.5 / (0.5 - KERNEL_AT_ZERO)
"""By how much a ReLU lets a small relative difference grow: the centred kernel's slope at 1."""


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
        raise ProxyError("zen_closed_form: a ReLU6 that clips; use `proxy='zen'`")
    if sigma == 0:
        return 0.0, 0.0
    a = 6 / sigma
    tail, density = NORMAL.cdf(-a), NORMAL.pdf(a)
    mean = sigma * (NORMAL.pdf(0) - density) + 6 * tail
    return mean, sigma**2 * (0.5 - tail - a * density) + 36 * tail


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-min(60.0, max(-60.0, x))))


def _hard_sigmoid(x: float) -> float:
    return min(1.0, max(0.0, x / 6 + 0.5))


SQUASHES: dict[str, Callable[[float], float]] = {
    "sigmoid": _sigmoid,
    "hard_sigmoid": _hard_sigmoid,
}
"""The nonlinearities that gates end in: odd about (0, 1/2)."""


@lru_cache(maxsize=4096)
def mean_squared_gate(square: float, kind: str = "sigmoid") -> float:
    """Return ``E[squash(g)^2]`` for ``g`` normal of mean 0 with that mean square.

    Example:
        >>> mean_squared_gate(0.0), round(mean_squared_gate(1e6), 2)
        (0.25, 0.5)
    """
    sigma, squash = math.sqrt(square), SQUASHES[kind]
    return round(sum(weight * squash(sigma * z) ** 2 for z, weight in _standard_normal()), 12)


@lru_cache(maxsize=4096)
def maximum_moments(count: int, *, rectified: bool) -> tuple[float, float]:
    """Return mean and mean square of the largest of ``count`` standard normals.

    Args:
        rectified: of the largest of their positive parts.
    Example:
        >>> [round(value, 3) for value in maximum_moments(4, rectified=False)]
        [1.029, 1.551]
    """
    mean = square = 0.0
    for z, weight in _standard_normal():
        value = max(0.0, z) if rectified else z
        largest = weight * count * NORMAL.cdf(z) ** (count - 1)
        mean += largest * value
        square += largest * value * value
    return mean, square


def _standard_normal() -> Iterator[tuple[float, float]]:
    """Points and weights of the midpoint rule.

    For the functions here it is better than Gauss and Hermite's: with 160 points of
    ``numpy.polynomial.hermite_e.hermegauss`` a steep gate's mean square is 3e-3 off (6e-4 here),
    and the mean of the largest of 3,000 values 1e-3 (1e-13 here).
    """
    steps, reach = 400, 8.0
    width = 2 * reach / steps
    for step in range(steps):
        z = -reach + (step + 0.5) * width
        yield z, NORMAL.pdf(z) * width
