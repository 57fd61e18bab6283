"""Figures of merit have known answers, and ties are no luck."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nasfer.predictors.judging import FIGURES, Judged, judge, precision_at_10, regret

ACCURACIES = np.arange(100.0)
FLOPS = np.linspace(1, 100, 100)


def test_the_right_order_and_the_opposite() -> None:
    judged = Judged(ACCURACIES, FLOPS, 100.0)
    right = judge(ACCURACIES, judged, seed=0, resamples=50)
    wrong = judge(-ACCURACIES, judged, seed=0, resamples=50)
    assert {f: getattr(right, f).value for f in FIGURES} == {
        "tau": 1, "tau_band": 1, "tau_top": 1, "precision_at_10": 1, "regret": 0,
    }  # fmt: skip
    assert {f: getattr(wrong, f).value for f in FIGURES} == {
        "tau": -1, "tau_band": -1, "tau_top": -1, "precision_at_10": 0, "regret": 15,
    }  # fmt: skip


def test_the_band_goes_from_085_of_the_budget_to_it() -> None:
    judged = Judged(ACCURACIES, FLOPS, 40.0)
    assert FLOPS[judged.band].tolist() == [34, 35, 36, 37, 38, 39, 40]
    scores = np.where(FLOPS == 34, 1000.0, ACCURACIES)
    assert judge(scores, judged, seed=0, resamples=5).regret.value == 6


def test_equal_scores_count_as_the_mean_of_all_choices() -> None:
    assert precision_at_10(np.ones(100), ACCURACIES) == pytest.approx(0.1)
    assert regret(np.ones(3), np.array([1.0, 2.0, 6.0])) == 3
    halves = np.where(ACCURACIES >= 80, 1.0, 0.0)
    assert precision_at_10(halves, ACCURACIES) == pytest.approx(0.5)


def test_intervals_hold_the_value_and_shrink_with_networks() -> None:
    rng = np.random.default_rng(0)
    widths = []
    for count in (40, 400):
        accuracies = rng.normal(size=count)
        scores = accuracies + rng.normal(size=count)
        found = judge(scores, Judged(accuracies, np.ones(count), 1.0), seed=1)
        for figure in ("tau", "tau_band", "precision_at_10"):
            one = getattr(found, figure)
            assert one.low <= one.value <= one.high
        widths.append(found.tau.high - found.tau.low)
        assert found == judge(scores, Judged(accuracies, np.ones(count), 1.0), seed=1)
    assert widths[1] < widths[0] / 2


def test_too_few_networks_have_no_figure() -> None:
    found = judge(np.ones(4), Judged(np.arange(4.0), np.arange(4.0), 0.5), seed=0)
    assert all(math.isnan(getattr(found, figure).value) for figure in FIGURES)
