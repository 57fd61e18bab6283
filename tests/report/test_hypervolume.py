"""Fronts and their area: equal to brute force, optuna's and throwing darts."""

from __future__ import annotations

import numpy as np
import optuna
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
from optuna.visualization.matplotlib import plot_hypervolume_history

from nasfer.report import dominated, hypervolume, reference_point
from nasfer.report.hypervolume import front_hypervolume

points = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=20)


@given(points)
def test_the_front_equals_brute_force(rows: list[tuple[int, int]]) -> None:
    table = pd.DataFrame(rows, columns=["latency_ms", "accuracy"])
    expected = [
        any(a <= x and b >= y and (a, b) != (x, y) for a, b in rows) for x, y in rows
    ]  # fmt: skip
    assert dominated(table, ["latency_ms", "accuracy"]).tolist() == expected


@given(points)
def test_the_area_equals_counting_unit_squares(rows: list[tuple[int, int]]) -> None:
    squares = {(x, y) for a, b in rows for x in range(a, 8) for y in range(b)}
    assert hypervolume(rows, (8, 0)) == len(squares)


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
@settings(max_examples=30, deadline=None)
@given(points)
def test_the_area_equals_optunas(rows: list[tuple[int, int]]) -> None:
    study = optuna.create_study(directions=["minimize", "maximize"])
    study.add_trials([optuna.trial.create_trial(values=[float(x), float(y)]) for x, y in rows])
    drawn = plot_hypervolume_history(study, [10.0, -1.0])  # the only public door to it
    expected = drawn.get_lines()[0].get_ydata()[-1]
    pyplot.close(drawn.figure)
    assert hypervolume(rows, (10, -1)) == pytest.approx(expected)


def test_the_area_is_what_darts_hit() -> None:
    rng = np.random.default_rng(0)
    rows = rng.random((12, 2))
    darts = rng.random((20_000, 2))
    hit = ((rows[:, None, 0] <= darts[:, 0]) & (rows[:, None, 1] >= darts[:, 1])).any(axis=0)
    # Five standard errors of a share of 20,000 darts.
    assert hypervolume([(x, y) for x, y in rows], (1, 0)) == pytest.approx(hit.mean(), abs=0.018)


def test_dominated_points_and_those_beyond_the_reference_add_nothing() -> None:
    front = [(1.0, 0.5), (2.0, 0.75)]
    assert hypervolume([*front, (2.5, 0.6), (4.0, 0.9), (1.5, -1.0)], (3.0, 0.0)) == 1.25
    assert hypervolume([], (3.0, 0.0)) == 0


@pytest.mark.parametrize("lower", [(True, True), (False, False), (False, True)])
def test_either_metric_may_count_either_way(lower: tuple[bool, bool]) -> None:
    signs = [1 if way else -1 for way in lower]
    turned = [(signs[0] * x, signs[1] * y) for x, y in [(1.0, -0.5), (2.0, -0.75)]]
    assert hypervolume(turned, (signs[0] * 3.0, 0.0), lower) == 1.25


def test_the_reference_is_beyond_every_row_and_missing_rows_add_nothing() -> None:
    table = pd.DataFrame({"flops": [100, 200, 300], "accuracy": [0.5, 0.6, None]})
    reference = reference_point(table, ("flops", "accuracy"))
    assert reference == (330.0, 0.0)
    area = front_hypervolume(table, ("flops", "accuracy"), reference)
    assert area == pytest.approx(230 * 0.5 + 130 * 0.1)
    assert reference_point(pd.DataFrame({"zen": [-2.0, 3.0], "ece": [1, 2]}), ("zen", "ece")) == (
        -2.0, 2.2,
    )  # fmt: skip
