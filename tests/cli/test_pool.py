"""``nasfer pool`` and ``correlate`` of pools: what is printed, written and refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from nasfer.cli.app import run
from nasfer.pools import read_pool
from tests.report.ledgers import failed, line, run_of_five, write_run

Told = Callable[..., tuple[int, str, str]]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    def call(*words: object) -> tuple[int, str, str]:
        code = run([str(word) for word in words])
        return (code, *capsys.readouterr())

    return call


def test_an_exported_pool_is_the_pool_of_its_runs(told: Told, tmp_path: Path) -> None:
    one, two = run_of_five(tmp_path / "one"), write_run(tmp_path / "two", [line(2, 7, 0.9)])
    code, out, _ = told("pool", "export", one, two, "--out", tmp_path / "new/pool.csv")
    assert code == 0
    assert out.endswith("pool.csv, 5 networks\n")
    assert read_pool(tmp_path / "new/pool.csv").networks == read_pool(one, two).networks
    assert told("pool", "export", one, "--out", tmp_path / "new/pool.csv")[0] == 0  # its own file


def test_a_users_table_is_not_replaced_unasked(told: Told, tmp_path: Path) -> None:
    made, mine = run_of_five(tmp_path / "run"), tmp_path / "mine.csv"
    mine.write_text("mine")
    code, _, err = told("pool", "export", made, "--out", mine)
    assert (code, mine.read_text()) == (2, "mine")
    assert "--overwrite replaces it" in err
    assert told("pool", "export", made, "--out", mine, "--overwrite")[0] == 0
    assert len(read_pool(mine)) == 5


def test_a_pool_is_shown(told: Told, tmp_path: Path) -> None:
    made = run_of_five(tmp_path / "faces")
    code, out, _ = told("pool", "show", made)
    assert code == 0
    assert "5, of 5 trainings" in out
    assert "51.00 % to 61.00 %, half of them up to 56.00 %" in out
    assert "unknown: none was trained twice" in out
    code, out, _ = told("pool", "show", made, "--json")
    found = json.loads(out)
    assert (found["networks"], found["noise"], found["families"]) == (5, None, {"SuperConv": 5})
    assert (found["resolution"], found["dataset"]) == (32, "drawn")


def test_correlations_of_a_pool_are_json(told: Told, tmp_path: Path) -> None:
    pool = tmp_path / "pool.csv"
    told("pool", "export", run_of_five(tmp_path / "run"), "--out", pool)
    code, out, _ = told("correlate", pool, "--proxy", "params", "--json")
    (row,) = json.loads(out)
    assert code == 0
    assert (row["proxy"], row["candidates"], row["unscored"]) == ("params", 5, 0)
    assert row["band_kendall_tau_b"] is None  # of five networks no ten are in a band
    code, out, _ = told("correlate", pool)
    assert "tau in the best tenth" in out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("pool", "show", "{tmp}/none.csv"), "none.csv: cannot be read: no such file"),
        (
            ("pool", "show", "{run}", "{other}"),
            "dataset: .*'drawn', .* has 'faces'; .* --mixed",
        ),
        (("pool", "export", "{run}", "--out", "p.txt"), "--out: p.txt does not end in .csv"),
        (("pool", "show", "{lost}"), "no accuracies; none of its trials came to its end"),
        (("pool", "show", "nas_bench_makro:x"), "did you mean 'nas_bench_macro'"),
        (("correlate", "{run}", "{other}"), "measured on 'faces'"),
        (("correlate", "{run}", "--budget", "1Q"), "--budget: '1Q' is not a number"),
        (("correlate", "{run}", "--predictor", "p.json"), "unknown proxy|p.json"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(
    told: Told, tmp_path: Path, words: tuple[str, ...], complaint: str
) -> None:
    places = {
        "tmp": tmp_path,
        "run": run_of_five(tmp_path / "run"),
        "other": write_run(tmp_path / "other", [line(7)], data="faces"),
        "lost": write_run(tmp_path / "lost", [failed(1)]),
    }
    code, out, err = told(*(word.format(**places) for word in words))
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert re.search(complaint, err), err
