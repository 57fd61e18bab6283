"""``correlate`` and ``pareto``: frames and values of runs, and nothing printed."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from nasfer import correlate, pareto
from nasfer.errors import RunFolderError, SpecError, UnknownNameError
from nasfer.runs.outputs import OUTPUTS_FILE
from tests.report.ledgers import failed, run_of_five, some_run, write_run


@pytest.fixture(autouse=True)
def silent(capfd: pytest.CaptureFixture[str]) -> object:
    """A notebook is told by values: nothing is printed."""
    yield
    assert capfd.readouterr() == ("", "")


def test_correlations_are_a_frame_and_files_where_asked_for(tmp_path: Path) -> None:
    run = run_of_five(tmp_path / "run")
    found = correlate(str(run), "flops", "macro_f1")
    assert found["proxy"].tolist() == ["flops"]
    assert correlate([run])["proxy"].tolist() == ["zen_closed_form", "flops", "params"]
    again = correlate(run, ["flops"], "macro_f1", out=str(tmp_path / "new" / "tau.csv"))
    pd.testing.assert_frame_equal(found, again)
    pd.testing.assert_frame_equal(found, pd.read_csv(tmp_path / "new" / "tau.csv"))
    assert (tmp_path / "new" / "tau.png").exists()
    with pytest.raises(SpecError, match=r"`out`: tau\.xls ends neither in \.csv nor in \.md"):
        correlate(run, out="tau.xls")


def test_a_front_of_trainings_has_all_candidates_and_what_failed(tmp_path: Path) -> None:
    run = some_run(tmp_path / "run")
    before = sorted(run.iterdir())
    front = pareto(str(run), reference=(5e6, 0.1))
    assert sorted(run.iterdir()) == before
    assert front.table["dominated"].tolist() == [False, False, True, False]
    assert len(front.rows) == 3
    assert front.reference == (5e6, 0.1)
    assert front.failures["error"].tolist() == ["TrialError: loss is nan in epoch 2"]
    pareto([run], "params", "zen", formats=["csv", "html"], out=tmp_path / "out", printed=True)
    names = {path.name for path in (tmp_path / "out").iterdir()} - {OUTPUTS_FILE}
    assert names == {"pareto.csv", "pareto.html", "pareto_failures.csv"}


def search_run(folder: Path, zen: tuple[float, ...] = (1.0, 3.0, 2.0)) -> Path:
    """A finished search of some networks, the third of them dominated."""
    write_run(folder, [], kind="search")
    table = pd.DataFrame({
        "digest": [f"{folder.name}{index}" for index in range(len(zen))], "zen": zen,
        "zen_mean": float("nan"), "zen_std": float("nan"), "flops": [10, 20, 30],
        "params": [1, 2, 3], "structure": "S(1)",
    })  # fmt: skip
    table[:2].to_csv(folder / "front.csv", index=False)
    table.rename(columns={"zen": "zen_closed_form"}).to_csv(folder / "candidates.csv", index=False)
    return folder


def test_a_front_of_searches_marks_the_dominated_ones(tmp_path: Path) -> None:
    runs = [search_run(tmp_path / "a"), search_run(tmp_path / "b", (2.0, 2.5, 2.6))]
    front = pareto(runs, formats=("csv", "png"), out=tmp_path / "out")
    assert (front.x, front.y, len(front.table)) == ("flops", "zen", 6)
    assert front.rows["digest"].tolist() == ["b0", "a1"]
    written = pd.read_csv(tmp_path / "out" / "pareto.csv")
    assert written["digest"].tolist() == ["b0", "a1"]
    assert "dominated" not in written
    assert (tmp_path / "out" / "pareto.png").exists()


def test_a_table_of_an_older_search_that_is_damaged_is_refused(tmp_path: Path) -> None:
    run = search_run(tmp_path / "search")
    whole = (run / "candidates.csv").read_text()
    for damaged in ("", "[" * 5000, whole.replace("flops", "x"), whole.replace("zen_closed", "x"),
                    whole.replace(",10,", ",ten,"), whole.replace(",", "")):  # fmt: skip
        (run / "candidates.csv").write_text(damaged)
        with pytest.raises(RunFolderError, match=r"damaged|cannot be read") as error:
            pareto(run)
        assert "\n" not in str(error.value)
    (run / "candidates.csv").unlink()
    os.mkfifo(run / "candidates.csv")
    with pytest.raises(RunFolderError, match="it is a named pipe"):
        pareto(run)


def test_what_makes_no_front_is_refused(tmp_path: Path) -> None:
    found, trained = search_run(tmp_path / "search"), some_run(tmp_path / "tune")
    with pytest.raises(RunFolderError, match=r"search: a search, .*tune holds trainings"):
        pareto([found, trained])
    with pytest.raises(SpecError, match="`printed`: for runs of `nasfer tune` only"):
        pareto(found, printed=True)
    with pytest.raises(UnknownNameError, match="`formats`: unknown 'html'; allowed: csv, md"):
        pareto(found, formats=["html"])
    with pytest.raises(UnknownNameError, match="`formats`: unknown 'xls'"):
        pareto(trained, formats=["xls"])
    with pytest.raises(RunFolderError, match="a run of nasfer train; searches, or runs of nasfer"):
        pareto(write_run(tmp_path / "train", [], kind="train"))
    with pytest.raises(RunFolderError, match="no finished trial"):
        pareto(write_run(tmp_path / "failed", [failed(0)]))
