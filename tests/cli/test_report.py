"""``nasfer pareto`` of trainings, ``report`` and ``correlate``, as real processes."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from nasfer.runs.outputs import OUTPUTS_FILE
from tests.cli.test_commands import nasfer
from tests.report.ledgers import failed, line, run_of_five, some_run, write_run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return some_run(tmp_path / "run")


def test_pareto_writes_every_format(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    formats = ("csv", "md", "tex", "png", "pdf", "html")
    done = nasfer("pareto", run, "--x", "params", "--y", "macro_f1", "--printed", "--out", out,
                  "--format", ",".join(formats))  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "hypervolume" in done.stdout
    assert "loss is nan" in done.stdout
    names = {f"pareto.{name}" for name in formats}
    there = {path.name for path in out.iterdir()} - {OUTPUTS_FILE}
    assert there == {*names, "pareto_failures.csv"}
    assert set(pd.read_csv(out / "pareto.csv")["kind"]) == {"candidate", "preset", "printed"}


def test_pareto_prints_json(run: Path) -> None:
    done = nasfer("pareto", run, "--format", "csv", "--json", "--reference", "5e6,0.1")
    found = json.loads(done.stdout)
    assert found["reference"] == [5e6, 0.1]
    assert [row["dominated"] for row in found["candidates"]] == [False, False, True, False]
    assert found["failed"][0]["error"] == "TrialError: loss is nan in epoch 2"


def test_report_writes_one_page(run: Path, tmp_path: Path) -> None:
    done = nasfer("report", run, "--out", tmp_path / "new" / "page.html")
    assert done.returncode == 0, done.stderr
    assert "</html>" in (tmp_path / "new" / "page.html").read_text()


def test_correlate_writes_table_and_plot(tmp_path: Path) -> None:
    run = run_of_five(tmp_path / "five")
    done = nasfer("correlate", run, "--proxy", "zen_closed_form", "--proxy", "depth",
                  "--metric", "macro_f1", "--out", tmp_path / "tau.csv")  # fmt: skip
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(tmp_path / "tau.csv")
    assert table["proxy"].tolist() == ["zen_closed_form", "depth"]
    assert (tmp_path / "tau.png").stat().st_size > 0


WRONG = {
    "an unknown metric": (("pareto", "{run}", "--y", "acuracy"), "did you mean 'accuracy'"),
    "a reference that is none": (("pareto", "{run}", "--reference", "5"), "two numbers X,Y"),
    "an empty run folder": (("pareto", "{empty}"), "no trial in ledger.jsonl"),
    "no finished trial": (("report", "{failed}"), "no finished trial (1 failed)"),
    "two candidates": (("correlate", "{two}"), "fewer than 5 means nothing"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_one_line_and_exit_2(case: str, run: Path, tmp_path: Path) -> None:
    places = {
        "tmp": tmp_path, "run": run, "empty": write_run(tmp_path / "empty", []),
        "failed": write_run(tmp_path / "failed", [failed(0)]),
        "two": write_run(tmp_path / "two", [line(0), line(1)]),
    }  # fmt: skip
    arguments, message = WRONG[case]
    done = nasfer(*(part.format(**places) for part in arguments))
    assert done.returncode == 2, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert message in lines[0]
