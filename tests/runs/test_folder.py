"""Run folders: nothing half-written, nothing silently mixed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nasfer.errors import NasferWarning, RunFolderError
from nasfer.runs.files import LEDGER_FILE
from nasfer.runs.folder import RunFolder, read_run, write_atomic


def test_same_settings_open_the_folder_again(tmp_path: Path) -> None:
    RunFolder(tmp_path / "run", {"seed": 1}, {}, kind="train").append({"digest": "a"})
    assert RunFolder(tmp_path / "run", {"seed": 1}, {}, kind="train").ledger() == [{"digest": "a"}]


def test_other_settings_are_an_error_that_names_the_difference(tmp_path: Path) -> None:
    RunFolder(tmp_path, {"seed": 1, "budget": 5}, {}, kind="train")
    with pytest.raises(RunFolderError, match="seed = 1, asked for seed = 2"):
        RunFolder(tmp_path, {"seed": 2, "budget": 5}, {}, kind="train")


def test_a_finished_run_says_so(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, {"seed": 1}, {"command": "x"}, kind="train")
    assert not folder.finished
    folder.finish()
    assert folder.finished
    assert read_run(tmp_path).record["command"] == "x"


def test_a_last_line_cut_off_by_a_crash_is_dropped_and_said(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, {}, {}, kind="train")
    folder.append({"n": 1})
    with (tmp_path / LEDGER_FILE).open("a") as file:
        file.write('{"n": 2')
    with pytest.warns(NasferWarning, match="cut off"):
        assert folder.ledger() == [{"n": 1}]
    folder.append({"n": 3})
    assert folder.ledger() == [{"n": 1}, {"n": 3}]


def test_a_damaged_line_in_the_middle_is_named(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, {}, {}, kind="train")
    (tmp_path / LEDGER_FILE).write_text('{"n": 1}\nnot json\n{"n": 3}\n')
    with pytest.raises(RunFolderError, match=r"ledger\.jsonl:2: damaged"):
        folder.ledger()


def test_a_damaged_state_file_is_named(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, {}, {}, kind="train")
    assert folder.read_state() is None
    folder.write_state({"done": 3})
    assert folder.read_state() == {"done": 3}
    (tmp_path / "state.json").write_text('{"done": ')
    with pytest.raises(RunFolderError, match=r"state\.json: damaged"):
        folder.read_state()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match="cannot be made"):
        RunFolder(tmp_path / "file" / "run", {}, {}, kind="train")


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "table.csv"
    write_atomic(path, "old")

    def no_space(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(RunFolderError, match="No space left"):
        write_atomic(path, "new")
    assert path.read_text() == "old"


WRITER = """
import sys
from pathlib import Path
from nasfer.runs.folder import write_atomic
number = 0
while True:
    number += 1
    write_atomic(Path(sys.argv[1]), f"{number} " * 20_000)
"""


def test_a_kill_between_two_bytes_never_shows(tmp_path: Path) -> None:
    RunFolder(tmp_path, {}, {}, kind="train")
    path = tmp_path / "state"
    (tmp_path / "notes.tmp").write_text("a user's")
    for _ in range(5):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)])
        time.sleep(0.5)
        process.send_signal(signal.SIGKILL)
        process.wait()
        values = path.read_text().split()
        assert len(values) == 20_000
        assert len(set(values)) == 1
    RunFolder(tmp_path, {}, {}, kind="train")
    assert [left.name for left in tmp_path.glob("*.tmp")] == ["notes.tmp"]
