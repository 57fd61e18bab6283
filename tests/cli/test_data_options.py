"""limit, drop, rename and class weights through the commands: said, recorded, and given once."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml

from tests.cli.test_evaluate import Nasfer, nasfer  # noqa: F401  # a fixture
from tests.data.drawing import class_folders, save

NET = "SuperConvK3BNRELU(1,8,2,1)SuperConvK1BNRELU(8,16,1,1)"
LIMITED = "limit=12: 12 of 22 training images, the same share of each class, seed 0; val and test"
DROPPED = "drop=leakage+duplicates: 3 of 25 training images left out (1 leakage, 2 duplicates)"


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name a set of 16 happy, 4 sad and 4 angry faces to learn from, and one that test shows."""
    root = tmp_path_factory.mktemp("faces")
    class_folders(root, ["joy", "sad", "AN"], splits={"train": 4, "val": 2, "test": 2}, side=16)
    for number in range(12):
        save(root / f"train/joy/more{number}.png", 70_000 + min(number, 9), side=16)
    save(root / "train/AN/leak.png", 80_000, side=16)
    save(root / "test/AN/leak.png", 80_000, side=16)
    (root / "mine.yaml").write_text("joy: happy\nsad: sad\nAN: anger\n")
    return f"folder:{root},rename={root}/mine.yaml"


def test_a_training_says_and_records_which_images_it_read(
    spec: str, tmp_path: Path, nasfer: Nasfer  # noqa: F811
) -> None:  # fmt: skip
    data = f"{spec},drop=leakage+duplicates,limit=12"
    words = ("train", NET, "--data", data, "--epochs", "1", "--threads", "1")
    losses = {}
    for kind in ("none", "balanced"):
        out = tmp_path / kind
        done = nasfer(*words, "--set", f"class_weights={kind}", "--out", out)
        assert done.returncode == 0, done.stderr
        notes = json.loads((out / "result.json").read_text())["notes"]
        for line in (LIMITED, DROPPED, "folders read by mine.yaml as AN anger"):
            assert line in done.stderr
            assert any(line in note for note in notes)
        settings = yaml.safe_load((out / "run.yaml").read_text())["settings"]
        assert (settings["data"], settings["recipe_class_weights"]) == (data, kind)
        losses[kind] = pd.read_csv(out / "history.csv")["train_loss"][0]
    assert losses["none"] != losses["balanced"]
    done = nasfer("train", NET, "--data", spec, "--epochs", "1", "--out", tmp_path / "none")
    assert done.returncode == 2
    assert "holds a run with data = " in done.stderr


def test_check_and_show_look_at_what_is_read(
    spec: str, tmp_path: Path, nasfer: Nasfer  # noqa: F811
) -> None:  # fmt: skip
    done = nasfer("data", "check", spec)
    assert done.returncode == 1
    assert "faults: 2 duplicate, 1 leakage" in done.stdout
    data = f"{spec},drop=leakage+duplicates,limit=12"
    for command, said in (("check", "no faults"), ("show", "written: ")):
        out = ("--out", tmp_path / "sheet.png") if command == "show" else ()
        done = nasfer("data", command, data, *out)
        assert done.returncode == 0, done.stderr
        for line in (LIMITED, DROPPED, said):
            assert line in done.stdout


def test_list_says_what_the_options_mean(nasfer: Nasfer) -> None:  # noqa: F811
    shown = nasfer("data", "list").stdout
    for text in (
        "limit=... (of every set) training images at most",
        "drop=... (of every set of files) training images to leave out: leakage, contradictory,",
        "rename=... (of class folders) map of class folders",
    ):
        assert text in shown
    rows = {row["name"]: row for row in json.loads(nasfer("data", "list", "--json").stdout)}
    assert set(rows["folder"]["options"]) == {"rename", "val", "limit", "seed", "drop"}
    assert "drop" not in rows["drawn"]["options"]


@pytest.mark.parametrize("words", [
    ("data", "show", "folder:x", "--out", "a.png", "--out", "b.png"),
    ("data", "show", "folder:x", "--out=a.png", "--seed", "1", "--out", "a.png"),
])  # fmt: skip
def test_an_option_of_data_is_given_once(
    nasfer: Nasfer, words: tuple[str, ...]  # noqa: F811
) -> None:  # fmt: skip
    done = nasfer(*words)
    assert done.returncode == 2
    assert done.stderr.startswith("nasfer: --out: given twice, 'a.png' and ")


def test_a_wrong_option_leaves_nothing_behind(
    spec: str, tmp_path: Path, nasfer: Nasfer  # noqa: F811
) -> None:  # fmt: skip
    for data in (f"{spec},limit=2", f"{spec},drop=leaks", f"{spec},limit=x"):
        done = nasfer("train", NET, "--data", data, "--out", tmp_path / "run")
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert done.stderr.startswith("nasfer: --data: ")
    assert list(tmp_path.iterdir()) == []
