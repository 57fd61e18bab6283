"""Rank correlations: equal to pair counting, with intervals that are seeded."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nasfer.arch import Arch
from nasfer.errors import NasferWarning, ProxyError, RunFolderError, UnknownNameError
from nasfer.report import correlate, one_row_a_network, plot_correlation, trained_table
from nasfer.report.correlations.scoring import KeptScores, ScoreSettings, score_table
from tests.report.ledgers import line, run_of_five, write_run


def tau_b(one: list[float], two: list[float]) -> float:
    """Kendall's tau-b by counting pairs (Kendall 1945)."""
    pairs = list(itertools.combinations(range(len(one)), 2))
    a, b = ([np.sign(v[i] - v[j]) for i, j in pairs] for v in (one, two))
    ties = np.count_nonzero(a) * np.count_nonzero(b)
    return float(np.dot(a, b) / np.sqrt(ties))


def test_correlations_equal_those_counted_by_hand(tmp_path: Path) -> None:
    accuracies = [0.5, 0.7, 0.6, 0.6, 0.9]
    run = write_run(tmp_path, [line(i, accuracy=a) for i, a in enumerate(accuracies)])
    found, scores = correlate(trained_table(run), ["flops", "zen_closed_form"])
    row = found.set_index("proxy").loc["flops"]
    assert row["kendall_tau_b"] == pytest.approx(tau_b([0, 1, 2, 3, 4], accuracies))
    ranks = [1, 4, 2.5, 2.5, 5]
    assert row["spearman_rho"] == pytest.approx(np.corrcoef([1, 2, 3, 4, 5], ranks)[0, 1])
    assert -1 <= row["kendall_tau_b_low"] <= row["kendall_tau_b"] <= row["kendall_tau_b_high"] <= 1
    assert row["candidates"] == 5
    assert list(scores) == ["flops", "zen_closed_form"]


def test_the_same_seed_gives_the_same_interval(tmp_path: Path) -> None:
    accuracies = np.random.default_rng(0).random(12)
    run = write_run(tmp_path, [line(i, accuracy=float(a)) for i, a in enumerate(accuracies)])
    table = trained_table(run)
    one, two, other = (correlate(table, ["flops"], seed=seed)[0] for seed in (0, 0, 1))
    assert one.equals(two)
    assert not one.equals(other)


def test_a_proxy_that_the_ledger_lacks_is_computed(tmp_path: Path) -> None:
    run = write_run(tmp_path, [line(i, zen_closed_form=None) for i in range(4)])
    table = trained_table(run)

    def values(proxy: str, resolution: int | None) -> pd.Series:
        sized = table.assign(resolution=resolution)
        return score_table(sized, proxy, ScoreSettings(), KeptScores(None), str).values

    assert values("zen_closed_form", 32).nunique() == 4
    assert values("params", None).tolist() == table["params"].tolist()
    with pytest.raises(RunFolderError, match="`resolution`: needed"):
        values("depth", None)
    with pytest.raises(UnknownNameError, match="did you mean 'zen'"):
        values("zenn", 32)


def test_a_candidate_that_cannot_be_scored_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def score(arch: Arch, proxy: str, **settings: object) -> float:
        if "(3,8," in str(arch):
            raise ProxyError("no score")
        return float(len(str(arch)))

    monkeypatch.setattr("nasfer.report.correlations.scoring.score", score)
    lines = [line(i, accuracy=0.4 + i / 10) for i in range(6)]
    table = trained_table(write_run(tmp_path, lines)).assign(resolution=32)
    with pytest.warns(NasferWarning, match="^depth: 1 of 6 networks not scored: 1: no score$"):
        found, scores = correlate(table, ["depth"])
    assert found[["candidates", "unscored", "reasons"]].iloc[0].tolist() == [5, 1, "1: no score"]
    assert scores["depth"].isna().tolist() == [False] * 5 + [True]


def test_a_network_counts_once_by_its_best_recipe_values(tmp_path: Path) -> None:
    lines = [
        line(index, accuracy=accuracy, config={"lr": rate}, trial=f"{index} {rate}")
        for index, rate, accuracy in ((0, 0.1, 0.3), (1, 0.1, 0.5), (0, 0.2, 0.6), (1, 0.2, 0.4))
    ]
    table = trained_table(write_run(tmp_path, lines))
    found = one_row_a_network(table)
    assert sorted(found["accuracy"]) == [0.5, 0.6]
    assert found["digest"].is_unique


def test_the_scatter_plot_is_drawn(tmp_path: Path) -> None:
    table = trained_table(run_of_five(tmp_path))
    found, scores = correlate(table, ["flops", "zen_closed_form"])
    plot_correlation(table, scores, found, tmp_path / "c.png")
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
