"""Kendall's tau-b of weighted networks, for many weightings at once: what a bootstrap asks for."""

from __future__ import annotations

import numpy as np

MOST_AT_ONCE = 4_000
"""Networks whose pairs are looked at; a matrix of them has 16 million numbers."""


def kendall(one: np.ndarray, two: np.ndarray) -> float:
    """Return Kendall's tau-b of two ``(n,)`` lists; NaN where one of them is all equal.

    Example:
        >>> round(kendall(np.array([1, 2, 3, 3]), np.array([1, 3, 2, 4])), 4)
        0.5477
    """
    return float(weighted_kendall(one, two, np.ones((1, len(one))))[0])


def weighted_kendall(one: np.ndarray, two: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return tau-b of each of ``(m, n)`` weightings: of how often each network is in a resample.

    A network that is drawn twice is tied with itself in both lists.

    Args:
        one: ``(n,)`` scores, n at most 4,000.
        two: ``(n,)`` figures of the same networks.
        weights: ``(m, n)``, from 0.
    """
    if len(one) > MOST_AT_ONCE:
        raise ValueError(f"{len(one):,} networks; {MOST_AT_ONCE:,} at most are compared")
    signs = [np.sign(np.subtract.outer(x, x)).astype(np.float32) for x in (one, two)]
    weights = weights.astype(np.float32)

    def pairs(matrix: np.ndarray) -> np.ndarray:
        together: np.ndarray = ((weights @ matrix) * weights).sum(axis=1, dtype=float)
        return together

    concordant = pairs(signs[0] * signs[1])
    differ = pairs(np.abs(signs[0])) * pairs(np.abs(signs[1]))
    with np.errstate(invalid="ignore", divide="ignore"):
        tau: np.ndarray = np.where(differ > 0, concordant / np.sqrt(differ), np.nan)
    return tau
