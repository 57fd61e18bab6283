"""How well scores order networks: over all, near a budget, among the best, and what a choice costs.

``tau`` is Kendall's tau-b over all; ``tau_band`` that of networks of 0.85 B to B FLOPs, where FLOPs
themselves order nothing; ``tau_top`` that of the measured best tenth; ``precision_at_10`` the share
of the ten best that are among the ten of the largest scores; ``regret`` the accuracy points between
the best network of the band and the one of the largest score there. Of equal scores the mean over
all ways to choose among them counts. Intervals are of 95 %, by resampling the networks.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from nasfer.pools.agreement import Agreement, resampled, weighted_kendall, with_interval
from nasfer.pools.bands import BAND, best_tenth

AT = 10
"""Networks that a user would train."""

FEWEST_AT = 20
"""Fewer networks than these have no precision at ten worth a number."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Networks that scores are held against.

    Args:
        accuracies: ``(n,)`` measured, in percent.
        flops: ``(n,)``.
        budget: ``B``, FLOPs; the largest network's where nothing else was said.
    """

    accuracies: np.ndarray
    flops: np.ndarray
    budget: float

    @property
    def band(self) -> np.ndarray:
        """Places of the networks of 0.85 B to B."""
        inside = (self.flops >= BAND * self.budget) & (self.flops <= self.budget)
        return np.flatnonzero(inside)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What `judge` measures; each with its interval, NaN where there are too few networks."""

    tau: Agreement
    tau_band: Agreement
    tau_top: Agreement
    precision_at_10: Agreement
    regret: Agreement


FIGURES = tuple(field.name for field in fields(Judgement))


def judge(scores: np.ndarray, judged: Judged, *, seed: int, resamples: int = 1000) -> Judgement:
    """Hold scores, of which larger ones promise more, against measured accuracies.

    Args:
        scores: ``(n,)``.
        judged: the networks, in the same order.
        seed: of the resamples.
        resamples: how many.
    Example:
        >>> accuracies = np.arange(40.0)
        >>> found = judge(accuracies, Judged(accuracies, np.ones(40), 1.0), seed=0, resamples=9)
        >>> found.tau.value, found.precision_at_10.value, found.regret.value
        (1.0, 1.0, 0.0)
    """
    rng = np.random.default_rng(seed)
    accuracies, everything = judged.accuracies, np.arange(len(scores))

    def tau(places: np.ndarray) -> Agreement:
        return _tau(scores[places], accuracies[places], rng, resamples)

    def drawn(figure: Callable[[np.ndarray, np.ndarray], float], places: np.ndarray) -> Agreement:
        return _drawn(figure, scores[places], accuracies[places], rng, resamples)

    return Judgement(
        tau(everything),
        tau(judged.band),
        tau(best_tenth(accuracies)),
        drawn(precision_at_10, everything),
        drawn(regret, judged.band),
    )


def precision_at_10(scores: np.ndarray, accuracies: np.ndarray) -> float:
    """Return the share of the ten best networks that are among the ten of the largest scores.

    Example:
        >>> precision_at_10(np.r_[np.zeros(10), np.ones(10)], np.arange(20.0))
        1.0
    """
    if len(scores) < FEWEST_AT:
        return math.nan
    chance = [_chosen(values) for values in (scores, accuracies)]
    return float((chance[0] * chance[1]).sum() / AT)


def _chosen(values: np.ndarray) -> np.ndarray:
    """Return each one's chance to be among the ten largest, where ties are broken by lot."""
    tenth = np.partition(values, -AT)[-AT]
    above, level = values > tenth, values == tenth
    return above + level * (AT - above.sum()) / level.sum()


def regret(scores: np.ndarray, accuracies: np.ndarray) -> float:
    """Return by how many points the network of the largest score is under the best one.

    Example:
        >>> regret(np.array([1.0, 3.0, 3.0]), np.array([9.0, 8.0, 6.0]))
        2.0
    """
    if not len(scores):
        return math.nan
    return float(accuracies.max() - accuracies[scores == scores.max()].mean())


def _tau(one: np.ndarray, two: np.ndarray, rng: np.random.Generator, resamples: int) -> Agreement:
    if len(one) < 2:
        return Agreement(math.nan, math.nan, math.nan)
    return with_interval(weighted_kendall(one, two, resampled(len(one), rng, resamples)))


def _drawn(
    figure: Callable[[np.ndarray, np.ndarray], float],
    scores: np.ndarray,
    accuracies: np.ndarray,
    rng: np.random.Generator,
    resamples: int,
) -> Agreement:
    values = [figure(scores, accuracies)]
    for _ in range(resamples if not math.isnan(values[0]) else 0):
        places = rng.integers(0, len(scores), len(scores))
        values.append(figure(scores[places], accuracies[places]))
    return with_interval(np.array(values))
