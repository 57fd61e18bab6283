"""Two at once: one works in a run folder, the other waits and says for whom, or is refused."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import nasfer
from nasfer.errors import NasferWarning, RunFolderError, SpecError
from nasfer.runs import lock
from nasfer.runs.folder import run_folder
from nasfer.runs.lock import LOCK_FILE, held

HOLDER = """
import sys, time
from pathlib import Path
from nasfer.runs.folder import run_folder
with run_folder(Path(sys.argv[1]), {"seed": 1}, {}, kind="train"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "run")], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_the_second_is_told_who_works_there(
    holder: subprocess.Popen[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "NOTE_SECONDS", 0.2)
    with (
        pytest.warns(NasferWarning, match=f"waiting for process {holder.pid} on "),
        pytest.raises(RunFolderError, match=f"process {holder.pid} on .* works in this folder"),
        held(tmp_path / "run", seconds=0.5),
    ):
        raise AssertionError("both hold it")


def test_the_lock_ends_with_its_process_however_that_ends(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    holder.kill()
    holder.wait()
    with held(tmp_path / "run", seconds=5):
        assert str(os.getpid()) in (tmp_path / "run" / LOCK_FILE).read_text()


def test_the_second_waits_for_the_first_that_ends_soon(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert holder.stdin is not None
    threading.Timer(0.4, holder.stdin.close).start()
    with held(tmp_path / "run", seconds=20):
        assert holder.wait(timeout=5) == 0
    assert holder.stdout is not None
    holder.stdout.close()
    holder.stdin, holder.stdout = None, None


def search(path: Path) -> None:
    nasfer.search("zennet_r", "446M", iterations=10, top=0, out=path)


def train(path: Path) -> None:
    nasfer.train("zennet_r", "drawn,train=20,val=7,test=7", epochs=1, resolution=48, out=path)


@pytest.mark.parametrize("run", [search, train])
def test_search_and_train_leave_a_held_folder_alone(
    run: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "WAIT_SECONDS", 0.0)
    with held(tmp_path / "run"), pytest.raises(RunFolderError, match="works in this folder"):
        run(tmp_path / "run")
    assert [one.name for one in (tmp_path / "run").iterdir()] == [LOCK_FILE]


def test_two_searches_of_one_folder_measure_once(tmp_path: Path) -> None:
    code = (
        "import sys, nasfer, nasfer.runs.lock\n"
        "nasfer.runs.lock.WAIT_SECONDS = 200\n"
        "nasfer.search('zennet_r', '30M', iterations=2000, seed=1, top=2, repeats=1,\n"
        "              resolution=32, out=sys.argv[1])\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "r")]) for _ in range(2)]
    assert [process.wait(timeout=200) for process in both] == [0, 0]
    assert len((tmp_path / "r" / "ledger.jsonl").read_text().splitlines()) == 2


def test_a_lock_that_was_taken_away_is_not_taken_for_held(tmp_path: Path) -> None:
    with held(tmp_path):
        (tmp_path / LOCK_FILE).unlink()
        began = time.monotonic()
        with held(tmp_path, seconds=1):
            assert time.monotonic() - began < 1


def test_a_failed_first_run_leaves_the_folder_to_the_second(tmp_path: Path) -> None:
    def fail() -> None:
        with run_folder(tmp_path / "run", {}, {}, kind="train"):
            raise SpecError("wrong")

    with pytest.raises(SpecError, match="wrong"):
        fail()
    with run_folder(tmp_path / "run", {"other": 1}, {}, kind="train"):
        pass
