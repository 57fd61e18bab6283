"""Nothing of the user's is touched: no folder, no file, no device, whatever its name."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import nasfer
from nasfer.errors import RunFolderError, SpecError
from nasfer.runs.files import LEDGER_FILE, RUN_FILE
from nasfer.runs.folder import RunFolder, read_run, run_folder, write_atomic
from nasfer.runs.owner import MARKER_FILE, Owner
from nasfer.tuning.on_ray.engine import TUNE_FOLDER, run_on_ray
from nasfer.tuning.on_ray.local import remove_stale

NET = "SuperConvK3BNRELU(1,8,2,1)SuperConvK1BNRELU(8,16,1,1)"


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    "name", ["notes.txt", "thesis.tmp", "state.json.tmp", "ledger.jsonl", "state.json", ".hidden"]
)
def test_a_folder_that_is_not_empty_and_no_run_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("the user's")
    before = content(tmp_path)
    with pytest.raises(RunFolderError, match=f"not empty: {name}"):
        nasfer.search("zennet_r", "446M", iterations=10, top=0, out=tmp_path)
    with pytest.raises(RunFolderError, match=f"not empty: {name}"):
        nasfer.train(NET, "drawn,train=20,val=7,test=7", epochs=1, out=tmp_path)
    assert content(tmp_path) == before


@pytest.mark.parametrize("name", ["a" * 300, "/proc/none/of/ours", "/dev/null/run"])
def test_a_name_that_nothing_can_have_is_one_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="cannot be made"):
        nasfer.search("zennet_r", "446M", iterations=10, top=0, out=tmp_path / name)
    with pytest.raises(RunFolderError, match="no run folder"):
        read_run(tmp_path / name)


def test_only_own_leftovers_are_removed_from_a_run_folder(tmp_path: Path) -> None:
    RunFolder(tmp_path, {}, {}, kind="train")
    ours = tmp_path / f".nasfer-{'0' * 16}.tmp"
    for path in (ours, tmp_path / "a.tmp", tmp_path / ".nasfer-x.tmp"):
        path.write_text("half")
    RunFolder(tmp_path, {}, {}, kind="train")
    assert not ours.exists()
    assert (tmp_path / "a.tmp").exists()
    assert (tmp_path / ".nasfer-x.tmp").exists()


SPECIAL: dict[str, Callable[[Path], None]] = {
    "a folder": lambda path: path.mkdir(),
    "a pipe": os.mkfifo,
    "a symbolic link": lambda path: path.symlink_to(path.with_name("target")),
    "a device": lambda path: os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3)),
}


@pytest.mark.parametrize("kind", SPECIAL)
def test_what_is_no_file_is_never_replaced_nor_written_to(tmp_path: Path, kind: str) -> None:
    path, target = tmp_path / "out.csv", tmp_path / "target"
    target.write_text("the user's")
    try:
        SPECIAL[kind](path)
    except PermissionError:
        pytest.skip("only root makes devices")
    mode = os.lstat(path).st_mode
    with pytest.raises(RunFolderError, match=f"out.csv: {kind}"):
        write_atomic(path, "new")
    assert os.lstat(path).st_mode == mode
    assert target.read_text() == "the user's"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out.csv", "target"]


def test_a_ledger_that_is_a_link_is_not_written_through(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", {}, {}, kind="train")
    (tmp_path / "target").write_text("the user's")
    (tmp_path / "run" / LEDGER_FILE).symlink_to(tmp_path / "target")
    with pytest.raises(RunFolderError, match="a symbolic link"):
        folder.append({"n": 1})
    assert (tmp_path / "target").read_text() == "the user's"


def test_a_planted_temporary_file_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("the user's")
    (tmp_path / "out.csv.tmp").symlink_to(tmp_path / "target")
    write_atomic(tmp_path / "out.csv", "new")
    assert (tmp_path / "target").read_text() == "the user's"
    assert (tmp_path / "out.csv").read_text() == "new"


def test_files_have_the_rights_that_the_users_mask_gives(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomic(tmp_path / "out.csv", "new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o640


def ended_process() -> Owner:
    """A process of this machine that is no more."""
    code = "from nasfer.runs.owner import Owner; print(Owner.this().text())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return Owner(**json.loads(done.stdout))


def test_of_temporary_folders_only_those_of_ended_processes_here_are_removed(
    tmp_path: Path,
) -> None:
    gone, live = ended_process(), Owner.this()
    markers = {
        "gone": gone.text(),
        "live": live.text(),
        "container": Owner(gone.pid, gone.host, "another", gone.started).text(),
        "host": Owner(gone.pid, "elsewhere", gone.place, gone.started).text(),
        "number-given-again": Owner(live.pid, live.host, live.place, "1").text(),
        "users": None, "empty": "", "broken": "{", "list": "[1]", "deep": "[" * 9999,
    }  # fmt: skip
    for name, marker in markers.items():
        folder = tmp_path / f"nasfer-{gone.pid}-{name}"
        folder.mkdir()
        (folder / "data").write_text("x")
        if marker is not None:
            (folder / MARKER_FILE).write_text(marker)
    linked = tmp_path / f"nasfer-{gone.pid}-link"
    linked.symlink_to(tmp_path / f"nasfer-{gone.pid}-users")
    remove_stale(tmp_path)
    left = {path.name.split("-", 2)[2] for path in tmp_path.iterdir()}
    assert left == {*markers, "link"} - {"gone", "number-given-again"}


def test_a_users_folder_named_tune_ends_the_run(tmp_path: Path) -> None:
    from types import SimpleNamespace

    (tmp_path / TUNE_FOLDER).mkdir()
    (tmp_path / TUNE_FOLDER / "thesis").write_text("x")
    book = SimpleNamespace(folder=SimpleNamespace(path=tmp_path))
    with pytest.raises(RunFolderError, match="tune: not made by this nasfer"):
        run_on_ray(None, book, None, None, None, None)  # type: ignore[arg-type]
    assert (tmp_path / TUNE_FOLDER / "thesis").exists()


@pytest.mark.parametrize("kept", [False, True])
def test_a_run_that_fails_before_anything_is_worth_keeping_leaves_nothing(
    kept: bool, tmp_path: Path
) -> None:
    def fail() -> None:
        with run_folder(tmp_path / "run", {}, {}, kind="search") as folder:
            folder.append({"n": 1})
            if kept:
                folder.keep()
            raise SpecError("wrong")

    with pytest.raises(SpecError, match="wrong"):
        fail()
    assert (tmp_path / "run" / RUN_FILE).exists() == kept
    assert (tmp_path / "run").exists() == kept
