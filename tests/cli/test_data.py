"""``nasfer data`` as a user meets it: real processes, exit codes, one-line errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from nasfer.cli.app import app
from tests.cli.test_commands import nasfer
from tests.data.drawing import class_folders


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    return class_folders(tmp_path / "faces", ["happy", "sad"], splits={"train": 6, "test": 2})


def test_a_sound_set_exits_0_and_a_faulty_one_1_with_every_fault(faces: Path) -> None:
    done = nasfer("data", "check", f"folder:{faces}")
    assert done.returncode == 0, done.stderr
    assert "no faults" in done.stdout
    assert "reading 16/16" in done.stderr

    one = (faces / "train/happy/00.png").read_bytes()
    (faces / "train/happy/copy.png").write_bytes(one)
    (faces / "test/sad/leak.png").write_bytes(one)
    (faces / "train/sad/05.png").write_bytes(b"")
    with Image.open(faces / "train/sad/00.png") as image:  # the same pixels, another file
        image.convert("RGB").save(faces / "train/sad/other.bmp")
    done = nasfer("data", "check", f"folder:{faces}", "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["summary"] == {"damaged": 1, "duplicate": 2, "leakage": 1, "mislabelled": 1}
    assert found["counts"]["train"] == {"happiness": 7, "sadness": 7}
    three = next(fault for fault in found["faults"] if len(fault["images"]) == 3)
    assert three["kinds"] == ["duplicate", "leakage", "mislabelled"]
    plain = CliRunner().invoke(app, ["data", "check", f"folder:{faces}"])
    assert f"damaged: {faces}/train/sad/05.png: empty file" in plain.stdout


def test_show_draws_a_sheet_of_every_class_and_split(faces: Path, tmp_path: Path) -> None:
    done = nasfer("data", "show", f"folder:{faces}", "--out", tmp_path / "s.png", "--per-class", 3)
    assert done.returncode == 0, done.stderr
    assert "val: 2 images held out of train" in done.stdout
    with Image.open(tmp_path / "s.png") as sheet:
        assert sheet.size == (130 + 3 * 68, 3 * (24 + 2 * 68) + 4)


def test_list_has_every_set_with_its_options() -> None:
    rows = {row["name"]: row for row in json.loads(nasfer("data", "list", "--json").stdout)}
    assert {"rafdb", "fer2013", "ferplus", "affectnet7", "affectnet8", "caers", "folder"} <= set(
        rows
    )
    assert rows["ferplus"]["options"]["rules"] == ["emotionnet", "microsoft"]
    table = CliRunner().invoke(app, ["data", "list"]).stdout
    assert "convention=emo_net|efficientface" in table


def test_wrong_input_is_one_line_and_exit_2() -> None:
    done = nasfer("data", "check", "rafbd:x")
    assert done.returncode == 2
    assert done.stderr == "nasfer: unknown data set 'rafbd'; did you mean 'rafdb'?\n"


@pytest.mark.parametrize("command", ["", "check", "show"])
def test_help_shows_an_example(command: str) -> None:
    done = nasfer("data", *command.split(), "--help")
    assert done.returncode == 0
    assert "Example: nasfer data" in " ".join(done.stdout.split())
