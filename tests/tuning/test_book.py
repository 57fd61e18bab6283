"""What is wanted and not in the ledger is to be done; damage is named, never passed over."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from nasfer.errors import NasferWarning, RunFolderError, TrialError
from nasfer.report import write_results
from nasfer.runs.files import LATENCY_FILE, TRIALS_FILE, trial_folder
from nasfer.runs.folder import RunFolder
from nasfer.runs.latencies import read_latencies
from nasfer.runs.records import TestFigures, TrialRecord, TrialSpec
from nasfer.tuning.book import Book
from nasfer.tuning.timing import time_networks
from tests.tuning.running import NET

SPECS = [TrialSpec("a", f"digest{i}", "S(1)", "a", seed) for i in range(3) for seed in (0, 1)]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    made = Book(RunFolder(tmp_path, {}, {}, kind="tune"))
    made.want(SPECS)
    return made


def test_wanted_minus_ledger_is_open_also_after_reading_it_again(book: Book) -> None:
    book.enter(TrialRecord.of(SPECS[1], "done", 1))
    book.enter_end(SPECS[4], "failed", "broken")
    left = [SPECS[0], SPECS[2], SPECS[3], SPECS[5]]
    assert book.open() == left
    again = Book(book.folder)
    assert again.open() == left
    assert Book(book.folder, retry_failed=True).open() == [*left[:3], SPECS[4], SPECS[5]]
    again.want(SPECS)
    assert again.open() == left


def test_a_failure_has_no_figures(book: Book) -> None:
    record = book.enter_end(SPECS[0], "failed", "broken")
    assert record.val_accuracy is None
    assert record.test is None
    assert write_results(book.folder.path).empty
    failures = pd.read_csv(book.folder.path / "failures.csv")
    assert failures[["trial", "error"]].to_numpy().tolist() == [[SPECS[0].key, "broken"]]


@pytest.mark.parametrize("name", ["ledger.jsonl", TRIALS_FILE])
@pytest.mark.parametrize("damage", ["{broken\n", '"text"\n', '{"no": "trial"}\n'])
def test_a_damaged_line_is_named_by_file_and_number(book: Book, name: str, damage: str) -> None:
    book.enter(TrialRecord.of(SPECS[1], "done", 1))
    path = book.folder.path / name
    number = len(path.read_text().splitlines()) + 1
    path.write_text(path.read_text() + damage + path.read_text().splitlines()[0] + "\n")
    with pytest.raises(RunFolderError, match=f"{name}:{number}: .*remove"):
        Book(book.folder)


def test_a_last_line_cut_off_is_dropped_and_its_trial_is_open(book: Book) -> None:
    book.enter(TrialRecord.of(SPECS[0], "done", 1))
    with (book.folder.path / "ledger.jsonl").open("a") as file:
        file.write('{"trial": "' + SPECS[1].key)
    with pytest.warns(NasferWarning, match="dropped a last line"):
        assert SPECS[1] in Book(book.folder).open()


def test_a_damaged_result_is_named(book: Book) -> None:
    folder = trial_folder(book.folder.path, SPECS[0].key)
    folder.mkdir(parents=True)
    (folder / "trial.json").write_text('{"trial": ')
    with pytest.raises(TrialError, match=r"trial.json: damaged; remove it"):
        book.recover()


def test_wanted_trials_are_written_all_or_none(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book.folder.path / TRIALS_FILE
    before = path.read_bytes()

    def full(_number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunFolderError, match="cannot be written"):
        book.want([TrialSpec("b", "other", "S(1)", "b", seed) for seed in (0, 1)])
    assert path.read_bytes() == before
    assert len(book.specs) == len(SPECS)


def test_networks_are_timed_once_and_a_damaged_file_is_named(book: Book) -> None:
    test = TestFigures(0.5, 0.5, 0.5, 0.1, 1.0, 2, ((1, 0), (1, 0)), ("happiness", "sadness"))
    for spec in (replace(spec, structure=NET) for spec in SPECS[:2]):
        book.enter(TrialRecord.of(spec, "done", 1, resolution=32, test=test))
    time_networks(book, 1)
    path = book.folder.path / LATENCY_FILE
    (timed,) = read_latencies(book.folder.path).values()
    assert 0 < timed.median_ms <= timed.p95_ms
    assert (timed.backend, timed.torch_ms) == ("onnxruntime", None)
    before = path.read_bytes()
    time_networks(book, 1)
    assert path.read_bytes() == before
    path.write_text("{")
    with pytest.raises(RunFolderError, match=r"latency.json: damaged; remove it"):
        time_networks(book, 1)


def test_times_of_eager_torch_are_told_apart_and_measured_anew(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = TestFigures(0.5, 0.5, 0.5, 0.1, 1.0, 2, ((1, 0), (1, 0)), ("happiness", "sadness"))
    spec = replace(SPECS[0], structure=NET)
    book.enter(TrialRecord.of(spec, "done", 1, resolution=32, test=test))
    path = book.folder.path / LATENCY_FILE
    path.write_text(json.dumps({spec.digest: {"median_ms": 9e9, "p95_ms": 9e9}}))
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "onnxruntime", None)
        with pytest.warns(NasferWarning, match="latency: not timed: onnxruntime is not"):
            old = time_networks(book, 1)
    assert old[spec.digest].backend == "torch"
    assert path.read_bytes() == before
    timed = time_networks(book, 1, with_torch=True)[spec.digest]
    assert (timed.backend, timed.device) == ("onnxruntime", "cpu")
    assert timed.median_ms < 9e9
    assert timed.torch_ms is not None
    assert timed.torch_ms < 9e9
