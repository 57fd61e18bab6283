"""Candidates are chosen by validation: no figure of the test split orders, marks or keeps one."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nasfer.report import (
    ended_table,
    find_front,
    one_row_a_network,
    read_trained,
    trained_table,
    write_page,
)
from nasfer.report.tunings.texts import trained_markdown
from tests.report.ledgers import line, some_run, stopped, write_run

CHOSEN = ["name", "digest", "config", "val_accuracy", "checkpoint"]
"""What says who was chosen and where it stands."""


def ledger(rng: random.Random) -> list[dict[str, Any]]:
    """Trials whose test figures have no more to do with validation than dice have."""
    lines = [
        line(index, seed, accuracy=rng.random(), val_accuracy=round(0.4 + 0.05 * index, 3))
        for index in range(5)
        for seed in range(2)
    ]
    again = line(2, 0, accuracy=rng.random(), val_accuracy=0.9, config={"lr": 0.1}, candidate="x",
                 trial="x")  # fmt: skip
    return [*lines, again, stopped(6)]


@given(st.integers(0, 2**32))
@settings(max_examples=8, deadline=None)
def test_permuted_test_figures_change_no_order_and_no_mark(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    lines = ledger(random.Random(seed))
    tests = [one["test"] for one in lines if one["test"]]
    random.Random(seed + 1).shuffle(tests)
    shuffled = iter(tests)
    others = [{**one, "test": next(shuffled)} if one["test"] else one for one in lines]
    one, two = write_run(folder / "one", lines), write_run(folder / "two", others)

    def fronts(run: Path) -> list[pd.DataFrame]:
        table = trained_table(run)
        marked = [find_front(table, x, "val_accuracy").table for x in ("flops", "latency")]
        return [
            ended_table(run)[CHOSEN],
            one_row_a_network(table)[CHOSEN],
            *(front[[*CHOSEN, "dominated"]] for front in marked),
        ]

    for before, after in zip(fronts(one), fronts(two)):
        pd.testing.assert_frame_equal(before, after)
    assert ended_table(one)["accuracy"].tolist() != ended_table(two)["accuracy"].tolist()


def test_the_best_validation_comes_first_also_of_several_runs(tmp_path: Path) -> None:
    one = write_run(tmp_path / "one", [line(0, accuracy=0.9, val_accuracy=0.5)])
    two = write_run(tmp_path / "two", [line(1, accuracy=0.1, val_accuracy=0.6), stopped(2)])
    assert read_trained([one, two])["val_accuracy"].tolist() == [0.6, 0.5]


def test_a_front_says_by_which_split_it_was_chosen(tmp_path: Path) -> None:
    table = trained_table(some_run(tmp_path))
    assert "chosen on validation; test reported" in find_front(table, "flops", CHOSEN[3]).sentence
    text = trained_markdown(find_front(table, "flops", "accuracy"))
    assert "chosen on the test split" in text
    assert "chosen" not in find_front(table, "flops", "zen").sentence


def test_the_page_opens_with_validation_and_says_so(tmp_path: Path) -> None:
    run = some_run(tmp_path)

    def opened(**chosen: str) -> tuple[dict[str, Any], str]:
        write_page([run], tmp_path / "page.html", **chosen)
        text = (tmp_path / "page.html").read_text()
        found = re.search(r'id="data">(.*?)</script>', text, re.S)
        assert found is not None
        return json.loads(found[1]), text.split("<section")[0]

    data, head = opened()
    assert data["y"] == "val_accuracy"
    assert "chosen on validation; test reported" in head
    assert {one["key"] for one in data["metrics"] if one["test"]} == {
        "accuracy", "mean_class_accuracy", "macro_f1", "ece", "nll",
    }  # fmt: skip
    _, head = opened(y="accuracy")
    assert "chosen on the test split" in head
