"""Candidates that learnt nothing have a line each; all seeds are counted together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nasfer.cli.tune import _show
from nasfer.report import ended_table, unlearnt
from tests.report import ledgers

ONE_CLASS = [[0, 10, 0], [0, 10, 0], [0, 10, 0]]


def test_only_those_that_learnt_nothing_have_a_line(tmp_path: Path) -> None:
    lines = [ledgers.line(0), ledgers.line(1), ledgers.line(1, seed=1), ledgers.stopped(2)]
    for line in lines[1:3]:
        line["test"] = {**line["test"], "confusion": ONE_CLASS}
    table = ended_table(ledgers.write_run(tmp_path, lines, source="x"))
    assert unlearnt(table) == [
        "search#1: nothing learnt: all 60 faces are predicted to be happiness"
    ]


def test_tune_says_it_under_its_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = ledgers.line(1)
    line["test"] = {**line["test"], "confusion": ONE_CLASS}
    folder = ledgers.write_run(tmp_path, [line], source="x")
    _show(ended_table(folder), folder, as_json=False)
    assert "warning: search#1: nothing learnt: all 30 faces" in capsys.readouterr().err
    _show(ended_table(folder), folder, as_json=True)
    assert len(json.loads(capsys.readouterr().out)["warnings"]) == 1
