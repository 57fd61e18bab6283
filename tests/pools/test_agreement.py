"""Rank correlations equal scipy's; their intervals are those of resampled networks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from nasfer.pools import agreement as module
from nasfer.pools.agreement import agreement, mean_agreement
from nasfer.pools.bands import BAND, LEAST_IN_BAND, best_tenth, budget_bands


def pair(count: int, ties: bool, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    one = rng.normal(size=count)
    two = one + rng.normal(size=count)
    return (one.round(), two.round(1)) if ties else (one, two)


@pytest.mark.parametrize("count", [5, 41, 300])
@pytest.mark.parametrize("ties", [False, True])
def test_values_are_scipys(count: int, ties: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COLUMNS", 32)  # several blocks of pairs
    one, two = pair(count, ties)
    found = agreement(one, two, seed=0)
    assert found.tau.value == pytest.approx(stats.kendalltau(one, two, variant="b").statistic)
    assert found.rho.value == pytest.approx(stats.spearmanr(one, two)[0])
    opposite = agreement(-one, two, seed=0)
    assert opposite.tau.value == pytest.approx(-found.tau.value)
    assert (opposite.tau.low, opposite.tau.high) == pytest.approx((-found.tau.high, -found.tau.low))


@pytest.mark.parametrize("ties", [False, True])
def test_intervals_are_those_of_resampled_networks(ties: bool) -> None:
    one, two = pair(60, ties)
    rng = np.random.default_rng(7)  # other draws than ours, so equal up to their noise
    drawn = [rng.integers(0, 60, 60) for _ in range(1000)]
    found = agreement(one, two, seed=0)
    for ours, theirs in (
        (found.tau, [stats.kendalltau(one[i], two[i]).statistic for i in drawn]),
        (found.rho, [stats.spearmanr(one[i], two[i])[0] for i in drawn]),
    ):
        low, high = np.quantile(theirs, [0.025, 0.975])
        assert (ours.low, ours.high) == pytest.approx((low, high), abs=0.04)


def test_what_is_all_equal_has_no_correlation() -> None:
    found = agreement(np.ones(6), np.arange(6.0), seed=0)
    assert all(np.isnan([found.tau.value, found.tau.low, found.rho.value, found.rho.high]))
    assert np.isnan(mean_agreement([], seed=0).tau.value)


def test_groups_count_by_their_networks() -> None:
    small, large = pair(20, ties=False), pair(60, ties=False, seed=1)
    flat = np.zeros(50), np.arange(50.0)
    found = mean_agreement([small, flat, large], seed=0)
    values = [stats.kendalltau(*group).statistic for group in (small, large)]
    assert found.tau.value == pytest.approx((20 * values[0] + 60 * values[1]) / 80)
    assert found.tau.low < found.tau.value < found.tau.high


def test_bands_do_not_overlap_and_are_narrow() -> None:
    flops = np.random.default_rng(0).uniform(1e6, 1e8, 500).round()
    bands = budget_bands(flops)
    places = np.concatenate(bands)
    assert len(set(places.tolist())) == len(places)
    assert len(bands) > 5
    for inside in bands:
        assert len(inside) >= LEAST_IN_BAND
        assert flops[inside].min() >= BAND * flops[inside].max()
    assert flops.argmax() in bands[0]
    (one,) = budget_bands(flops, budget=5e7)
    assert set(one) == set(np.flatnonzero((flops >= BAND * 5e7) & (flops <= 5e7)))
    assert budget_bands(flops, budget=1.0) == []


def test_the_best_tenth_has_the_largest() -> None:
    figures = np.random.default_rng(0).normal(size=95)
    best = best_tenth(figures)
    assert len(best) == 10
    assert figures[best].min() >= np.delete(figures, best).max()
