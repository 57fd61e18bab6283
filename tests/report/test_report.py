"""Fronts equal brute force; tables say the same in every format."""

from __future__ import annotations

import random

import pandas as pd
import pytest

from nasfer.errors import UnknownNameError
from nasfer.report import dominated, pareto_front, to_csv, to_latex, to_markdown


def brute_force(table: pd.DataFrame) -> list[bool]:
    rows = list(zip(table["flops"], table["params"], -table["zen_mean"]))
    return [
        any(all(b <= a for a, b in zip(row, other)) and other != row for other in rows)
        for row in rows
    ]


@pytest.mark.parametrize("seed", range(5))
def test_domination_equals_brute_force(seed: int) -> None:
    rng = random.Random(seed)
    rows = [
        {"flops": rng.randrange(9), "params": rng.randrange(9), "zen_mean": float(rng.randrange(9))}
        for _ in range(60)
    ]
    table = pd.DataFrame(rows)
    assert dominated(table, ["flops", "params", "zen_mean"]).tolist() == brute_force(table)


def test_equal_rows_do_not_dominate_each_other() -> None:
    table = pd.DataFrame({"flops": [1, 1], "zen_mean": [2.0, 2.0]})
    assert not dominated(table, ["flops", "zen_mean"]).any()


def test_a_missing_score_is_on_no_front() -> None:
    table = pd.DataFrame({"flops": [1, 2], "zen_mean": [None, 2.0]})
    assert pareto_front(table, ["flops", "zen_mean"])["flops"].tolist() == [2]


def test_an_unknown_metric_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'flops'"):
        dominated(pd.DataFrame({"flops": [1]}), ["flop"])


TABLE = pd.DataFrame(
    {
        "name": ["a_b & 50%"],
        "flops": [399_877_856],
        "zen_mean": [78.1581],
        "structure": ["SuperConvK3BNRELU(3,8,2,1)"],
    }
)


def test_csv_is_exact() -> None:
    assert "a_b & 50%,399877856,78.1581,SuperConv" in to_csv(TABLE).replace('"', "")


def test_markdown_is_rounded() -> None:
    assert "| a_b & 50% | 399.9M  | 78.16" in to_markdown(TABLE)


def test_latex_is_escaped_and_has_rules() -> None:
    text = to_latex(TABLE)
    assert r"a\_b \& 50\% & 399.9M & 78.16" in text
    assert r"\toprule" in text
    assert "lrr" in text
    assert "Super" not in text
