"""Damage is noticed: no file of a run is cut, emptied, flipped or lost without a word."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import nasfer
from nasfer.errors import NasferError, NasferWarning, RunFolderError
from nasfer.report import read_tables
from nasfer.runs.files import CANDIDATES_FILE, LEDGER_FILE, RUN_FILE, STATE_FILE
from nasfer.runs.folder import RunFolder, read_run
from nasfer.runs.records import TrialRecord, TrialSpec
from nasfer.tuning.asking.sources import read_source
from nasfer.tuning.book import Book

SMALL: dict[str, Any] = {"iterations": 600, "seed": 1, "top": 2, "repeats": 1, "resolution": 32}
DERIVED = (
    "candidates.csv", "best.yaml", "best_structure.txt", "front.csv", "front.md", "front.png",
)  # fmt: skip


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def cut_between_lines(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: len(lines) // 2]))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x01
    path.write_bytes(content)


def flip_eight(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for part in range(8):
        content[(2 * part + 1) * len(content) // 16] ^= 0xFF
    path.write_bytes(content)


DAMAGES = [cut, cut_between_lines, empty, flip, flip_eight, Path.unlink]
Damage = Callable[[Path], None]
damaging = pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)


def search(path: Path, budget: str = "30M") -> Any:
    return nasfer.search("zennet_r", budget, out=path, **SMALL)


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    path = tmp_path_factory.mktemp("runs") / "run"
    return path, search(path)


def outcome(path: Path) -> tuple[Any, str]:
    """What a search on the folder comes to, and all that was said."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            result = search(path)
        except NasferError as error:
            return None, str(error)
    return result, " ".join(str(one.message) for one in told)


@damaging
def test_derived_files_are_made_anew_when_the_command_runs_again(
    searched: tuple[Path, Any], tmp_path: Path, damage: Damage
) -> None:
    whole, _ = searched
    path = tmp_path / "run"
    shutil.copytree(whole, path)
    for name in DERIVED:
        damage(path / name)
    _, told = outcome(path)
    assert all(f"{name}: " in told for name in DERIVED), told
    assert told.count("; made anew") == len(DERIVED)
    for name in DERIVED:
        assert (path / name).read_bytes() == (whole / name).read_bytes()
    assert outcome(path)[1] == ""


@damaging
@pytest.mark.parametrize("finished", [True, False])
@pytest.mark.parametrize("name", [LEDGER_FILE, STATE_FILE, RUN_FILE])
def test_a_damaged_record_of_a_search_is_named_or_changes_nothing(
    searched: tuple[Path, Any], tmp_path: Path, name: str, finished: bool, damage: Damage
) -> None:
    whole, result = searched
    path = tmp_path / "run"
    shutil.copytree(whole, path)
    if not finished:
        run = read_run(path)
        RunFolder(path, run.settings, run.record, kind="search").reopen()
    damage(path / name)
    again, told = outcome(path)
    assert "\n" not in told
    if again is None:
        assert str(path) in told
    else:
        assert name in told or not finished
        assert [c.arch for c in again.candidates] == [c.arch for c in result.candidates]
        for one in DERIVED[:5]:
            assert (path / one).read_bytes() == (whole / one).read_bytes()


def test_a_state_of_another_budget_is_refused(searched: tuple[Path, Any], tmp_path: Path) -> None:
    whole, _ = searched
    path = tmp_path / "run"
    shutil.copytree(whole, path)
    (path / RUN_FILE).unlink()
    with pytest.raises(RunFolderError, match=r"run\.yaml is missing.*not empty"):
        search(path, "10M")
    other = tmp_path / "other"
    search(other, "10M")
    shutil.copyfile(whole / STATE_FILE, other / STATE_FILE)
    with (
        pytest.warns(NasferWarning, match=r"state\.json: .*made anew"),
        pytest.raises(RunFolderError, match=r"state\.json: of other settings than run\.yaml"),
    ):
        search(other, "10M")


def test_one_bit_of_run_yaml_is_noticed_anywhere(tmp_path: Path) -> None:
    RunFolder(tmp_path, {"seed": 1, "name": "a"}, {"command": "nasfer x"}, kind="train").finish()
    path = tmp_path / RUN_FILE
    whole, first = path.read_bytes(), read_run(tmp_path)
    for place in range(len(whole)):
        for bit in (0x01, 0x20):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
            try:
                found = read_run(tmp_path)
            except RunFolderError:
                continue
            assert (found.kind, found.finished, found.settings) == (
                first.kind, first.finished, first.settings,
            ), place  # fmt: skip


def test_older_run_folders_without_digests_are_read(
    searched: tuple[Path, Any], tmp_path: Path
) -> None:
    whole, result = searched
    path = tmp_path / "run"
    shutil.copytree(whole, path)
    content = yaml.safe_load((path / RUN_FILE).read_text())
    for name in ("sha256", "files"):
        del content[name]
    (path / RUN_FILE).write_text(yaml.safe_dump(content))
    state = RunFolder(path, content["settings"], {}, kind="search").read_state()
    import json

    (path / STATE_FILE).write_text(json.dumps(state))
    lines = [json.loads(line) for line in (path / LEDGER_FILE).read_text().splitlines()]
    for line in lines:
        del line["sha256"]
    (path / LEDGER_FILE).write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert [c.arch for c in search(path).candidates] == [c.arch for c in result.candidates]


@damaging
def test_a_damaged_table_of_candidates_is_not_read(
    searched: tuple[Path, Any], tmp_path: Path, damage: Damage
) -> None:
    path = tmp_path / "run"
    shutil.copytree(searched[0], path)
    damage(path / CANDIDATES_FILE)
    for read in (read_tables, lambda run: read_source(str(run), top=2)):
        with pytest.raises(RunFolderError, match=r"candidates\.csv"):
            read(path)


@pytest.fixture
def tuned(tmp_path: Path) -> Path:
    """A finished tuning of which nothing was trained."""
    folder = RunFolder(tmp_path / "tuned", {}, {}, kind="tune")
    book = Book(folder)
    specs = [TrialSpec("a", f"digest{i}", "S(1)", "a", 0) for i in range(4)]
    book.want(specs)
    for spec in specs:
        book.enter(TrialRecord.of(spec, "stopped", 1, val_accuracy=0.5))
    folder.finish(["trials.jsonl", LEDGER_FILE])
    return folder.path


@damaging
def test_a_damaged_ledger_of_a_finished_tuning_is_named_by_readers(
    tuned: Path, damage: Damage
) -> None:
    from nasfer.report import open_tunings

    assert len(open_tunings(tuned)[0].trials) == 4
    damage(tuned / LEDGER_FILE)
    with pytest.raises(RunFolderError, match=r"ledger\.jsonl: (\d lines, the|missing|not)"):
        open_tunings(tuned)


@damaging
@pytest.mark.parametrize("name", ["trials.jsonl", LEDGER_FILE])
def test_a_damaged_book_of_a_finished_tuning_is_named_by_the_run(
    tuned: Path, damage: Damage, name: str
) -> None:
    from nasfer.tuning.run import _opened

    damage(tuned / name)
    with pytest.raises(RunFolderError, match=f"{name}: .*bring it back"):
        _opened(RunFolder(tuned, {}, {}, kind="tune"), retry_failed=False)


@damaging
def test_trials_that_ended_and_are_wanted_no_more_are_named(tuned: Path, damage: Damage) -> None:
    folder = RunFolder(tuned, {}, {}, kind="tune")
    folder.reopen()
    damage(tuned / "trials.jsonl")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NasferWarning)
        with pytest.raises(RunFolderError, match=r"trials\.jsonl.*damaged"):
            Book(folder)
