"""Class folders of any name: a map says what they are, every folder is named or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from nasfer.data import DATASETS, absolute_data, load_data
from nasfer.errors import DataError
from tests.data.drawing import class_folders, rafdb_official
from tests.data.test_layouts import write_fer2013

MAP = "joy: happy\nsmiling: Happiness\nAN: anger\nother: skip\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    names = ["joy", "smiling", "AN", "other"]
    return class_folders(tmp_path / "faces", names, splits={"train": 4, "val": 1, "test": 2})


def test_folders_are_what_the_map_says(root: Path) -> None:
    (root / "classes.yaml").write_text(MAP)
    data = load_data(f"folder:{root}")
    train = data.splits["train"]
    assert train.counts() == {"happiness": 8, "anger": 4}
    for name, label in zip(train.names, train.labels.tolist()):
        assert (Path(name).parent.name == "AN") == (train.class_names[label] == "anger")
    note = "folders read by classes.yaml as AN anger, joy happiness, other left out, smiling happ"
    assert data.notes[0].startswith(note)


def test_a_map_elsewhere_is_named_by_the_option_and_wins(root: Path, tmp_path: Path) -> None:
    (root / "classes.yaml").write_text(MAP)
    mine = tmp_path / "mine.yaml"
    mine.write_text("{joy: skip, smiling: sad, AN: anger, other: contempt, unused: fear}")
    data = load_data(f"folder:{root},rename={mine}")
    assert data.splits["train"].counts() == {"sadness": 4, "anger": 4, "contempt": 4}
    assert "mine.yaml" in data.notes[0]


def test_numbered_folders_can_be_named_and_sets_without_splits_too(tmp_path: Path) -> None:
    class_folders(tmp_path, ["0", "1", "x"], splits={"": 10})
    (tmp_path / "classes.yaml").write_text("0: sad\n1: fear\nx: fear\n")
    train = load_data(f"folder:{tmp_path}").splits["train"]
    pairs = zip(train.names, train.labels.tolist())
    found = {Path(name).parent.name: train.class_names[label] for name, label in pairs}
    assert found == {"0": "sadness", "1": "fear", "x": "fear"}


ORDERED = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")


@pytest.mark.parametrize(
    "name", [entry.name for entry in DATASETS if "rename" in entry.all_options]
)
def test_every_set_of_class_folders_is_renamed(tmp_path: Path, name: str) -> None:
    classes = [*ORDERED, "contempt"] if name == "affectnet8" else list(ORDERED)
    folders = [f"class {label}" for label in classes]
    class_folders(tmp_path, folders, splits={"train": 2, "val": 1, "test": 1})
    lines = (f"{folder}: {label}\n" for folder, label in zip(folders, classes))
    (tmp_path / "classes.yaml").write_text("".join(lines))
    test = load_data(f"{name}:{tmp_path}").splits["test"]
    for path, label in zip(test.names, test.labels.tolist()):
        assert Path(path).parent.name == f"class {test.class_names[label]}"


WRONG = {
    "joy: hapy": "classes.yaml: joy: 'hapy' is no expression; did you mean 'happy'?",
    MAP.replace(
        "other", "othr"
    ): "no line for folder 'other'; did you mean 'othr'?; 'other: CLASS'",
    MAP.replace("AN: anger", "an: anger"): "no line for folder 'AN'",
    "joy": "a map is needed, such as 'AN: anger'",
    "": "a map is needed",
    "joy: [happy]": "joy: one value is needed, not a list",
    "joy: happy\njoy: sad": "joy: stands there twice",
    "joy: !!python/name:os.system happy": "tags such as",
    "\0": "no YAML",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_map_is_one_line_with_its_file(root: Path, text: str) -> None:
    (root / "classes.yaml").write_text(text)
    with pytest.raises(DataError) as caught:
        load_data(f"folder:{root}")
    message = str(caught.value)
    assert message.startswith(f"{root}/classes.yaml: ")
    assert WRONG[text] in message
    assert "\n" not in message


def test_without_a_map_the_message_names_it(root: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"'AN' is no expression.*; classes.yaml may say"):
        load_data(f"folder:{root}")
    class_folders(tmp_path / "two", ["happy", "joy", "sad"], splits={"": 5})
    with pytest.raises(DataError, match=r"folders happy and joy are both happiness; classes.yaml"):
        load_data(f"folder:{tmp_path / 'two'}")


def test_two_that_say_what_folders_are_do_not_go_together(tmp_path: Path) -> None:
    class_folders(tmp_path, list("0123456"), splits={"train": 2, "test": 1})
    (tmp_path / "classes.yaml").write_text("\n".join(f"{k}: {n}" for k, n in enumerate(ORDERED)))
    with pytest.raises(DataError, match=r"says what folders are, as convention=emo_net does"):
        load_data(f"rafdb:{tmp_path},convention=emo_net")
    (tmp_path / "classes.txt").write_text("\n".join(ORDERED))
    with pytest.raises(DataError, match=r"both classes.txt and classes.yaml; one is allowed"):
        load_data(f"folder:{tmp_path}")


def test_lists_and_tables_are_not_renamed(tmp_path: Path) -> None:
    write_fer2013(tmp_path / "fer2013.csv")
    official = rafdb_official(tmp_path / "r")
    for spec in (f"fer2013:{tmp_path}", f"fer2013:{tmp_path}/fer2013.csv", f"rafdb:{official}"):
        with pytest.raises(DataError, match=r"rename=m.yaml: class folders are renamed, and .* is"):
            load_data(f"{spec},rename=m.yaml")


@pytest.mark.parametrize("value", ["", "/dev/zero", "nowhere.yaml", "~nobody-here/x.yaml"])
def test_a_map_that_cannot_be_read_is_one_line(root: Path, value: str) -> None:
    with pytest.raises(DataError, match="cannot be read: ") as caught:
        load_data(f"folder:{root},rename={value}")
    assert "\n" not in str(caught.value)


def test_workers_find_the_map(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "mine.yaml").write_text(MAP)
    monkeypatch.chdir(root)
    spec = absolute_data("folder:.,val=0.2,rename=mine.yaml,drop=leakage,duplicates")
    assert spec == f"folder:{root},val=0.2,rename={root}/mine.yaml,drop=leakage,duplicates"
    monkeypatch.chdir("/")
    assert load_data(spec).splits["train"].counts() == {"happiness": 8, "anger": 4}
