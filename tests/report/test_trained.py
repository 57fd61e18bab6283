"""One row a candidate: what enters a mean, what does not, and what a ledger may look like."""

from __future__ import annotations

import json
import statistics
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nasfer.errors import NasferWarning, RunFolderError, SpecError
from nasfer.report import (
    ended_table,
    failures_table,
    find_front,
    is_tune_run,
    read_trained,
    trained_table,
    write_results,
)
from nasfer.report.tunings.table import spread, trained_resolution
from tests.report.ledgers import failed, line, some_run, stopped, write_run


@given(st.lists(st.floats(0, 1), min_size=2, max_size=6))
def test_mean_and_spread_are_those_of_a_sample(values: list[float]) -> None:
    mean, std = spread(values)
    assert mean == pytest.approx(sum(values) / len(values))
    assert std**2 * (len(values) - 1) == pytest.approx(
        sum((value - mean) ** 2 for value in values), abs=1e-12
    )


def test_seeds_of_a_candidate_become_one_row(tmp_path: Path) -> None:
    table = trained_table(some_run(tmp_path))
    assert table["name"].tolist() == ["search#3", "zennet_m_sa", "search#2", "search#0"]
    assert table["seeds"].tolist() == [2, 2, 2, 2]
    assert table["accuracy"][1] == pytest.approx(0.61)
    assert table["accuracy_std"][1] == pytest.approx(statistics.stdev([0.60, 0.62]))
    assert table["kind"].tolist() == ["candidate", "preset", "candidate", "candidate"]
    assert table["flops"].tolist() == [4_000_000, 2_000_000, 3_000_000, 1_000_000]


def test_times_of_eager_torch_are_in_a_column_of_their_own(tmp_path: Path) -> None:
    run = write_run(tmp_path, [line(0), line(1), line(2)])
    timed = {"median_ms": 2.0, "p95_ms": 3.0}
    latencies = {
        f"{0:012x}": timed,  # of a run of before
        f"{1:012x}": {**timed, "backend": "onnxruntime"},
        f"{2:012x}": {**timed, "backend": "onnxruntime", "torch_ms": 5.0},
    }
    (run / "latency.json").write_text(json.dumps(latencies))
    table = trained_table(run).sort_values("name").fillna(0.0)
    assert table["latency_ms"].tolist() == [0.0, 2.0, 2.0]
    assert table["latency_torch_ms"].tolist() == [2.0, 0.0, 5.0]
    (run / "latency.json").write_text(json.dumps({f"{0:012x}": timed}))
    with pytest.raises(SpecError, match="latency_ms: no network has it; the same tune command"):
        find_front(trained_table(run), "latency", "val_accuracy")


def test_one_seed_has_no_spread(tmp_path: Path) -> None:
    table = trained_table(write_run(tmp_path, [line(0)]))
    assert table["seeds"][0] == 1
    assert table["accuracy_std"].isna().all()


def test_stopped_and_failed_trials_enter_no_mean(tmp_path: Path) -> None:
    lines = [line(0, 0, 0.5), stopped(0, 1), failed(0, 2), stopped(1), failed(2)]
    run = write_run(tmp_path, lines)
    table = trained_table(run)
    assert len(table) == 1
    row = table.iloc[0]
    assert (row["seeds"], row["stopped"], row["accuracy"]) == (1, 1, 0.5)
    assert row["val_accuracy"] == pytest.approx(0.51)
    assert failures_table(run)["trial"].tolist() == ["0-s2", "2-s0"]
    assert set(failures_table(run)["error"]) == {"loss is nan"}


def test_candidates_that_were_only_stopped_come_last_and_have_no_test_figures(
    tmp_path: Path,
) -> None:
    run = write_run(tmp_path, [stopped(1), stopped(1, 1), line(0, 0, 0.3), failed(2)])
    table = ended_table(run)
    assert table["name"].tolist() == ["search#0", "search#1"]
    assert table["seeds"].tolist() == [1, 0]
    assert table["stopped"].tolist() == [0, 2]
    assert table["accuracy"].isna().tolist() == [False, True]
    assert table["val_accuracy"][1] == pytest.approx(0.51)
    pd.testing.assert_frame_equal(table[:1], trained_table(run))


def test_a_runs_own_files_say_what_holds_now(tmp_path: Path) -> None:
    write_run(tmp_path, [line(0), failed(1)])
    write_results(tmp_path)
    names = ("results.csv", "failures.csv", "report.html")
    assert all((tmp_path / name).exists() for name in names)
    assert pd.read_csv(tmp_path / "failures.csv")["error"].tolist() == ["loss is nan"]
    write_run(tmp_path, [stopped(0), line(1, status="failed", error="x"), stopped(1)])
    write_results(tmp_path)
    assert [(tmp_path / name).exists() for name in names] == [True, False, False]
    assert pd.read_csv(tmp_path / "results.csv")["seeds"].tolist() == [0, 0]


def test_other_recipe_values_are_another_candidate(tmp_path: Path) -> None:
    lines = [line(0, config={"lr": 0.1}), line(0, config={"lr": 0.2}, trial="other")]
    assert trained_table(write_run(tmp_path, lines))["config"].tolist() == [
        '{"lr": 0.1}', '{"lr": 0.2}',
    ]  # fmt: skip


def test_a_population_is_as_many_candidates_as_it_had_trials_whatever_values_they_end_with(
    tmp_path: Path,
) -> None:
    lines = [
        line(0, 0, accuracy, config={"lr": 0.1}, candidate=name, trial=name)
        for name, accuracy in (("one", 0.5), ("two", 0.7))
    ]
    assert trained_table(write_run(tmp_path, lines))["seeds"].tolist() == [1, 1]


def test_runs_whose_folders_are_called_alike_are_told_apart(tmp_path: Path) -> None:
    folders = [write_run(tmp_path / word / "run", [line(0)]) for word in ("one", "two")]
    assert read_trained(folders)["run"].tolist() == [str(folder) for folder in folders]


def test_a_trial_told_of_twice_counts_as_last(tmp_path: Path) -> None:
    run = write_run(tmp_path, [failed(0), line(0, accuracy=0.7)])
    assert trained_table(run)["accuracy"].tolist() == [0.7]
    assert failures_table(run).empty


def test_figures_that_are_not_finite_are_missing(tmp_path: Path) -> None:
    run = write_run(tmp_path, [line(0, zen_closed_form=None, seconds=float("nan")), line(1)])
    table = trained_table(run).set_index("name")
    assert table.loc["search#0", ["zen_closed_form", "seconds"]].isna().all()


def test_the_confusion_matrix_is_summed_and_the_best_checkpoint_kept(tmp_path: Path) -> None:
    row = trained_table(write_run(tmp_path, [line(0, 0, 0.5), line(0, 1, 0.6)])).iloc[0]
    assert row["confusion"] == ((10, 6, 4), (2, 16, 2), (0, 0, 20))
    assert row["checkpoint"] == "/nowhere/0-s1/best.safetensors"
    assert row["seed_list"] == (0, 1)


def test_a_ledger_is_read_and_not_changed(tmp_path: Path) -> None:
    run = some_run(tmp_path)
    with (run / "ledger.jsonl").open("a") as file:
        file.write('{"trial": "cut o')
    before = (run / "ledger.jsonl").read_bytes()
    with pytest.warns(NasferWarning, match="cut off"):
        assert len(trained_table(run)) == 4
    assert (run / "ledger.jsonl").read_bytes() == before


def test_runs_of_different_data_make_no_table(tmp_path: Path) -> None:
    one, two = some_run(tmp_path / "one"), some_run(tmp_path / "two")
    assert read_trained([one, two])["run"].value_counts().tolist() == [4, 4]
    other = write_run(tmp_path / "other", [line(0)], data="rafdb:/faces")
    with pytest.raises(RunFolderError, match="rafdb:/faces"):
        read_trained([one, other])


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "no trial in ledger.jsonl"),
        ([failed(0), stopped(1)], "no finished trial \\(1 failed, 1 stopped\\).*loss is nan"),
        ([{"trial": "a"}], "ledger.jsonl:1: no TrialRecord: source: field required"),
        ([line(0, status="well")], "status: input should be 'done', 'stopped' or 'failed'"),
        ([line(1), line(0, seed="x")], "ledger.jsonl:2: no TrialRecord: seed: .*integer"),
    ],
)
def test_ledgers_without_a_result_are_named(tmp_path: Path, lines: list, message: str) -> None:
    with pytest.raises(RunFolderError, match=message):
        trained_table(write_run(tmp_path, lines))


def test_searches_are_told_from_trainings(tmp_path: Path) -> None:
    assert is_tune_run(some_run(tmp_path / "tune"))
    for kind in ("search", "train"):
        other = write_run(tmp_path / kind, [], kind=kind)
        assert not is_tune_run(other)
        with pytest.raises(RunFolderError, match=f"a run of nasfer {kind}"):
            trained_table(other)


def test_the_trained_size_is_the_runs_or_a_trials(tmp_path: Path) -> None:
    run = some_run(tmp_path / "run")
    assert trained_resolution(run, trained_table(run)) == 32
    write_run(tmp_path / "trial", [], kind="trial", resolution=48)
    lines = [line(0, checkpoint=str(tmp_path / "trial" / "best.safetensors"))]
    run = write_run(tmp_path / "unsaid", lines, resolution=None)
    assert trained_resolution(run, trained_table(run)) == 48
    run = write_run(tmp_path / "said", [line(0, resolution=64)])
    assert trained_resolution(run, trained_table(run)) == 64
