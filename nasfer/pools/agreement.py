"""Do two orders agree? Kendall's tau-b and Spearman's rho, with intervals by resampling networks.

All resamples are computed at once: one is a row of weights, how often each network was drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 1000
LEVEL = 0.95

COLUMNS = 1024
"""Networks that are compared with all others at a time: what bounds the memory."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A rank correlation.

    Args:
        value: from -1, the opposite order, to 1, the same; NaN where one side is all equal.
        low: lower end of its bootstrap interval of 95 %.
        high: upper end.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RankAgreement:
    """Both rank correlations of the same networks.

    Args:
        tau: Kendall's tau-b.
        rho: Spearman's rho.
    """

    tau: Agreement
    rho: Agreement


def agreement(one: np.ndarray, two: np.ndarray, *, seed: int) -> RankAgreement:
    """Return the rank correlations of two figures of the same networks.

    Resamples in which either side is all equal have no correlation and are left out.

    Args:
        one: ``(n,)`` finite figures.
        two: ``(n,)``, of the same networks.
        seed: of the 1,000 resamples.
    Source: Kendall, Biometrika 1945 (ties); Efron, Annals of Statistics 1979 (percentile interval).
    Example:
        >>> found = agreement(np.array([1.0, 2, 3, 4]), np.array([1.0, 2, 4, 3]), seed=0)
        >>> round(found.tau.value, 3), round(found.rho.value, 3)
        (0.667, 0.8)
    """
    return mean_agreement([(one, two)], seed=seed)


def mean_agreement(groups: Sequence[tuple[np.ndarray, np.ndarray]], *, seed: int) -> RankAgreement:
    """Return the mean correlations within groups of networks, weighted by their networks.

    Resamples are drawn within each group; groups without a correlation do not count.

    Args:
        groups: the two figures of each group, as `agreement` takes them; without any, all is NaN.
        seed: of the resamples.
    """
    rng = np.random.default_rng(seed)
    total, taus, rhos = 0, np.zeros(1 + RESAMPLES), np.zeros(1 + RESAMPLES)
    for one, two in groups:
        weights = resampled(len(one), rng)
        if np.ptp(one) == 0 or np.ptp(two) == 0:
            continue
        total += len(one)
        taus += len(one) * weighted_kendall(one, two, weights)
        rhos += len(one) * _spearman(one, two, weights)
    if not total:
        nothing = Agreement(math.nan, math.nan, math.nan)
        return RankAgreement(nothing, nothing)
    return RankAgreement(with_interval(taus / total), with_interval(rhos / total))


def kendall(one: np.ndarray, two: np.ndarray) -> float:
    """Return Kendall's tau-b of two ``(n,)`` figures; NaN where one of them is all equal.

    Example:
        >>> round(kendall(np.array([1, 2, 3, 3]), np.array([1, 3, 2, 4])), 4)
        0.5477
    """
    return float(weighted_kendall(one, two, np.ones((1, len(one)), dtype=np.float32))[0])


def resampled(count: int, rng: np.random.Generator, resamples: int = 0) -> np.ndarray:
    """Return how often each network stands in each resample; the first row is the networks.

    Args:
        count: networks.
        rng: draws the resamples.
        resamples: how many; 0: `RESAMPLES`.
    """
    drawn = [rng.integers(0, count, count) for _ in range(resamples or RESAMPLES)]
    rows = [np.bincount(places, minlength=count) for places in drawn]
    return np.array([np.ones(count, int), *rows], dtype=np.float32)


def with_interval(values: np.ndarray) -> Agreement:
    """Return the first value, with the interval that the others, of resamples, lie in."""
    drawn = values[1:][~np.isnan(values[1:])]
    if not len(drawn):
        return Agreement(float(values[0]), math.nan, math.nan)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Agreement(float(values[0]), float(low), float(high))


def weighted_kendall(one: np.ndarray, two: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return tau-b for each row of weights: concordant less discordant pairs over untied ones."""
    signed = np.zeros(len(weights))
    for start in range(0, len(one), COLUMNS):
        stop = min(start + COLUMNS, len(one))
        pairs = _signs(one, start, stop) * _signs(two, start, stop)
        before = np.float32(2.0) * weights[:, stop:] @ pairs[stop - start :]  # each pair once
        within = weights[:, start:stop] @ pairs[: stop - start]
        signed += np.einsum("rj,rj->r", before + within, weights[:, start:stop], dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        untied = [_untied_pairs(figures, weights) for figures in (one, two)]
        return np.where(np.minimum(*untied) > 0, signed / np.sqrt(untied[0] * untied[1]), math.nan)


def _signs(figures: np.ndarray, start: int, stop: int) -> np.ndarray:
    """Return ``sign(x_i - x_j)``, ``i`` from ``start`` on and ``j`` from ``start`` to ``stop``."""
    rows, columns = figures[start:, None], figures[None, start:stop]
    return (rows > columns).astype(np.float32) - (rows < columns)


def _untied_pairs(figures: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return how many ordered pairs of each resample differ."""
    _, sizes = _by_value(figures, weights)
    return sizes.sum(axis=1) ** 2 - (sizes**2).sum(axis=1)


def _spearman(one: np.ndarray, two: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return Pearson's correlation of mid-ranks for each row of weights."""
    ranks = [_ranks(figures, weights) for figures in (one, two)]
    total = weights.sum(axis=1, dtype=float)[:, None]
    centred = [r - (weights * r).sum(axis=1, keepdims=True) / total for r in ranks]
    first, both, second = (
        np.einsum("rj,rj,rj->r", weights, centred[i], centred[j])
        for i, j in ((0, 0), (0, 1), (1, 1))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.minimum(first, second) > 0, both / np.sqrt(first * second), math.nan)


def _ranks(figures: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the mid-rank of each network among those that were drawn, itself included."""
    groups, sizes = _by_value(figures, weights)
    return (np.cumsum(sizes, axis=1) - sizes / 2)[:, groups]


def _by_value(figures: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the place of each network's value among all values, and how often each was drawn."""
    _, groups = np.unique(figures, return_inverse=True)
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(groups.max() + 1))
    return groups, np.add.reduceat(weights[:, order].astype(float), starts, axis=1)
