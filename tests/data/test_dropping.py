"""What a check finds can be left out of training: each kind by its rule, val and test never."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from nasfer.data import check_data, load_data
from nasfer.data.choice import DROPS
from nasfer.data.choosing import DROPPED
from nasfer.errors import DataError
from tests.data.drawing import class_folders, save

REAL = Path(__file__).parents[2] / "../shared/data/fer2013"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sound faces, and groups of equal ones; a letter a group, of train but for ``E``."""
    root = tmp_path_factory.mktemp("faces")
    class_folders(root, ["happy", "sad"], splits={"train": 5, "val": 3, "test": 3})
    for number, places in enumerate([
        ("train/happy/A1", "train/happy/A2", "train/happy/A3"),  # duplicates
        ("train/happy/B1", "train/sad/B2"),  # contradictory
        ("train/sad/C1", "val/sad/C2"),  # leakage
        ("train/sad/D1", "test/happy/D2"),  # leakage, contradictory
        ("val/happy/E1", "test/sad/E2", "test/sad/E3"),  # none of train's
    ]):  # fmt: skip
        for place in places:
            save(root / f"{place}.png", 90_000 + number)
    return root


GONE = {"leakage": "C1 D1", "contradictory": "B1 B2 D1", "duplicates": "A2 A3 B2"}
"""What each kind alone leaves out."""


def stems(spec: str, split: str) -> list[str]:
    names = load_data(spec).splits[split].names
    return [Path(name).stem for name in names if Path(name).stem[0] in "ABCDE"]


SOME = [kinds for count in (1, 2, 3) for kinds in combinations(DROPS, count)]


@pytest.mark.parametrize("kinds", SOME, ids="+".join)
def test_each_kind_drops_its_images_and_together_they_drop_all_of_theirs(
    root: Path, kinds: tuple[str, ...]
) -> None:
    gone = {name for kind in kinds for name in GONE[kind].split()}
    spec = f"folder:{root},drop={'+'.join(kinds)}"
    kept = {"A1", "A2", "A3", "B1", "B2", "C1", "D1"} - gone
    assert set(stems(spec, "train")) == kept
    assert stems(spec, "val") == ["E1", "C2"]
    assert stems(spec, "test") == ["D2", "E2", "E3"]
    (note,) = (note for note in load_data(spec).notes if note.startswith("drop="))
    assert f"drop={'+'.join(kinds)}: {len(gone)} of 17 training images left out" in note
    assert note.endswith("; val and test stay whole")


def test_counts_say_of_what_kind_each_image_was_once(root: Path) -> None:
    data = load_data(f"folder:{root},drop={'+'.join(reversed(DROPS))}")
    counts = "6 of 17 training images left out (2 leakage, 2 contradictory, 2 duplicates)"
    assert any(counts in note for note in data.notes)
    assert data.notes == load_data(f"folder:{root},drop={','.join(DROPS)}").notes


def test_a_check_looks_at_what_is_left(root: Path) -> None:
    before, after = (check_data(f"folder:{root}{end}") for end in ("", f",drop={'+'.join(DROPS)}"))
    assert len(before.faults) == 5
    (left,) = after.faults  # of val and test alone
    assert {Path(name).stem for name in left.images} == {"E1", "E2", "E3"}
    assert after.counts["train"] == {"happiness": 6, "sadness": 5}
    assert after.counts["test"] == before.counts["test"]
    assert any("6 of 17 training images left out" in note for note in after.notes)


def test_images_are_dropped_before_they_are_limited(root: Path) -> None:
    data = load_data(f"folder:{root},drop={'+'.join(DROPS)},limit=6")
    assert len(data.splits["train"]) == 6
    assert "limit=6: 6 of 11 training images" in data.notes[-1]


def test_splits_that_are_drawn_do_not_leak_either(tmp_path: Path) -> None:
    class_folders(tmp_path, ["happy", "sad"], splits={"": 10})
    for name in "abcdefgh":
        save(tmp_path / f"happy/x{name}.png", 7)
    held = load_data(f"folder:{tmp_path}", seed=3).splits
    assert any(Path(name).stem[0] == "x" for name in (*held["val"].names, *held["test"].names))
    clean = load_data(f"folder:{tmp_path},drop=leakage", seed=3).splits
    assert not any(Path(name).stem[0] == "x" for name in clean["train"].names)
    assert clean["test"].names == held["test"].names


def test_a_damaged_image_is_no_repeat_of_another(tmp_path: Path) -> None:
    class_folders(tmp_path, ["happy", "sad"], splits={"train": 4, "test": 1})
    for name in ("happy/00", "sad/00"):
        (tmp_path / f"train/{name}.png").write_bytes(b"")
    spec = f"folder:{tmp_path},drop=contradictory"
    with pytest.raises(DataError, match="empty file"):
        load_data(spec)
    data = load_data(spec, on_bad_image="skip")
    assert len(data.bad_images) == 2
    assert [fault.kinds for fault in check_data(spec).faults] == [("damaged",), ("damaged",)]


def test_a_class_is_not_dropped_as_a_whole(tmp_path: Path) -> None:
    class_folders(tmp_path, ["happy", "sad"], splits={"train": 4, "val": 1, "test": 1})
    for path in (tmp_path / "train/sad").iterdir():
        save(path, 5)
    save(tmp_path / "test/sad/leak.png", 5)
    with pytest.raises(DataError, match=r"drop=leakage leaves no training image of sadness$"):
        load_data(f"folder:{tmp_path},drop=leakage")


WRONG = {
    "drop=leak": "drop=leak: unknown 'leak'; did you mean 'leakage'?",
    "drop=": "drop=: unknown ''",
    "drop=leakage+leakage": "leakage is named twice",
    "drop=leakage,duplicate": "unknown 'duplicate'; did you mean 'duplicates'?",
    "val=0.1,leakage": "'leakage' is no option; name=value is needed",
    "drop=leakage,drop=duplicates": "option drop is given twice",
}


@pytest.mark.parametrize("options", WRONG)
def test_a_wrong_kind_is_one_line(root: Path, options: str) -> None:
    with pytest.raises(DataError) as caught:
        load_data(f"folder:{root},{options}")
    assert WRONG[options] in str(caught.value)


def test_drawn_faces_have_nothing_to_drop() -> None:
    with pytest.raises(DataError, match="drawn has no option 'drop'"):
        load_data("drawn,drop=duplicates")


def test_every_kind_has_its_rule() -> None:
    assert tuple(DROPPED) == DROPS


@pytest.mark.skipif(not REAL.is_dir(), reason=f"{REAL}: real faces are not here")
def test_fer2013_is_clean_in_train_afterwards() -> None:
    whole, clean = (check_data(f"fer2013:{REAL}{end}") for end in ("", f",drop={'+'.join(DROPS)}"))
    kinds = Counter(kind for fault in whole.faults for kind in fault.kinds)
    assert {"leakage", "mislabelled", "duplicate"} <= set(kinds)
    assert not [name for fault in clean.faults for name in fault.images if "/train/" in name]
    assert sum(clean.counts["train"].values()) < sum(whole.counts["train"].values())
    assert clean.counts["test"] == whole.counts["test"]
