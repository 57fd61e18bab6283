"""Candidates that learnt nothing have a line each; all seeds are counted together."""

from __future__ import annotations

from pathlib import Path

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
