"""Which networks compete with each other: those of nearly one budget, and the best of all."""

from __future__ import annotations

import math

import numpy as np

BAND = 0.85
"""A band goes from this share of its budget to the budget."""

LEAST_IN_BAND = 10
"""Networks of a band that counts."""


def budget_bands(flops: np.ndarray, budget: float | None = None) -> list[np.ndarray]:
    """Return the networks of each band of FLOPs, from 0.85 B to B, as places in ``flops``.

    The bands do not overlap: the first ends at the largest network, each further one at the largest
    that is left. Bands of fewer than `LEAST_IN_BAND` networks are left out.

    Args:
        flops: ``(n,)``.
        budget: ``B``, for one band only.
    Example:
        >>> [places.tolist() for places in budget_bands(np.array([1] * 10 + [2] * 11 + [3]))]
        [[10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]
    """
    left = np.asarray(flops, dtype=float)
    found, top = [], float(budget or np.nanmax(left))
    while True:
        inside = np.flatnonzero((left >= BAND * top) & (left <= top))
        if len(inside) >= LEAST_IN_BAND:
            found.append(inside)
        below = left[left < BAND * top]
        if budget is not None or not len(below):
            return found
        top = float(below.max())


def best_tenth(figures: np.ndarray) -> np.ndarray:
    """Return the places of the largest tenth, rounded up, in order of the array.

    Example:
        >>> best_tenth(np.array([5.0, 9, 7, 1, 2, 3, 4, 6, 8, 0, 10])).tolist()
        [1, 10]
    """
    count = math.ceil(len(figures) / 10)
    return np.sort(np.argsort(-np.asarray(figures), kind="stable")[:count])
