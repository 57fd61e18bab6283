"""A limit keeps shares and nests, whatever the sizes; it changes train alone, of every data set."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nasfer.data import DATASETS, FaceData, check_data, load_data
from nasfer.data.limiting import stratified
from nasfer.errors import DataError
from tests.data.drawing import class_folders

SIZES = st.lists(st.integers(1, 60), min_size=2, max_size=8)


def chosen(sizes: list[int], limit: int, seed: int = 0) -> tuple[list[int], list[int]]:
    labels = [label for label, size in enumerate(sizes) for _ in range(size)]
    names = [f"{place:03}" for place in range(len(labels))]
    classes = [str(label) for label in range(len(sizes))]
    return stratified(labels, names, limit, seed=seed, class_names=classes), labels


@settings(max_examples=150, deadline=None)
@given(sizes=SIZES, limit=st.integers(1, 500), seed=st.integers(0, 9))
def test_every_class_keeps_its_share_to_within_one_image(
    sizes: list[int], limit: int, seed: int
) -> None:
    total = sum(sizes)
    try:
        places, labels = chosen(sizes, limit, seed)
    except DataError:
        assume(False)
    assert len(places) == min(limit, total)
    assert places == sorted(set(places))
    for label, size in enumerate(sizes):
        kept = sum(labels[place] == label for place in places)
        assert abs(kept - min(limit, total) * size / total) < 1
        assert kept > 0


@settings(max_examples=150, deadline=None)
@given(sizes=SIZES, limits=st.tuples(st.integers(1, 500), st.integers(1, 500)))
def test_a_smaller_limit_is_within_a_larger_one(sizes: list[int], limits: tuple[int, int]) -> None:
    small, large = sorted(limits)
    try:
        few, _ = chosen(sizes, small)
    except DataError as error:
        least = int(str(error).split("; ")[1].split(" ")[0])  # ...; 9 or more are needed
        assert small < least <= sum(sizes)
        few, _ = chosen(sizes, least)
        with pytest.raises(DataError, match=f"; {least} or more"):
            chosen(sizes, least - 1)
        large = max(large, least)
    many, _ = chosen(sizes, large)
    assert set(few) <= set(many)


def test_the_choice_depends_on_names_and_seed_not_on_the_order_of_images() -> None:
    labels, names = [0, 1] * 20, [f"{place:02}" for place in range(40)]
    classes = ["a", "b"]
    one = stratified(labels, names, 10, seed=1, class_names=classes)
    back = stratified(labels[::-1], names[::-1], 10, seed=1, class_names=classes)
    assert {names[place] for place in one} == {names[::-1][place] for place in back}
    assert one != stratified(labels, names, 10, seed=2, class_names=classes)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return class_folders(
        tmp_path_factory.mktemp("faces"), ["happy", "sad", "fear"], splits={"train": 20, "test": 3}
    )


def names(data: FaceData, split: str = "train") -> set[str]:
    return set(data.splits[split].names)


def test_a_limit_changes_train_alone_and_says_so(root: Path) -> None:
    whole, part = load_data(f"folder:{root}"), load_data(f"folder:{root},limit=12")
    less = load_data(f"folder:{root},limit=6")
    assert part.splits["train"].counts() == {"happiness": 4, "sadness": 4, "fear": 4}
    assert names(less) < names(part) < names(whole)
    for split in ("val", "test"):  # val is held out of the whole of train
        assert whole.splits[split].names == part.splits[split].names == less.splits[split].names
    note = "limit=12: 12 of 54 training images, the same share of each class, seed 0; val and test"
    assert any(line.startswith(note) for line in part.notes)
    assert part.spec == f"folder:{root},limit=12"
    assert check_data(part.spec).counts["train"] == part.splits["train"].counts()


def test_the_seed_of_a_limit_is_its_own_not_that_of_a_training(tmp_path: Path) -> None:
    class_folders(tmp_path, ["happy", "sad"], splits={"train": 9, "val": 2, "test": 2})
    spec = f"folder:{tmp_path},limit=6"
    assert names(load_data(spec, seed=0)) == names(load_data(spec, seed=7))
    assert names(load_data(spec)) != names(load_data(f"{spec},seed=7"))


def test_a_limit_beyond_the_images_keeps_all(root: Path) -> None:
    data = load_data(f"folder:{root},limit=1000")
    assert names(data) == names(load_data(f"folder:{root}"))
    assert "limit=1000: all 54 training images; there are no more" in data.notes


def test_drawn_faces_are_limited_with_their_landmarks() -> None:
    spec = "drawn,train=70,val=7,test=7"
    whole, part = load_data(spec), load_data(f"{spec},limit=14")
    train = part.splits["train"]
    assert set(train.counts().values()) == {2}
    assert (part.mean, part.splits["val"].names) == (whole.mean, whole.splits["val"].names)
    places = torch.tensor([whole.splits["train"].names.index(name) for name in train.names])
    assert torch.equal(
        train.images.read(torch.arange(14)), whole.splits["train"].images.read(places)
    )
    points = whole.splits["train"].landmarks
    assert points is not None
    assert train.landmarks is not None
    assert torch.equal(train.landmarks, points[places])


@pytest.mark.parametrize("name", DATASETS.names())
def test_every_set_knows_the_options_of_all(name: str) -> None:
    entry = DATASETS.get(name)
    common = {"val", "limit", "seed"} | ({"drop"} if entry.lister else set())
    assert common <= set(entry.all_options)


WRONG = {
    "limit=2": "limit=2 leaves no training image of fear; 3 or more are needed",
    "limit=0": "limit=0; a whole number from 1 on is allowed",
    "limit=-1": "limit=-1; a whole number",
    "limit=1e3": "limit=1e3; a whole number",
    "limit=٣": "a whole number from 1 on is allowed",
    f"limit={'9' * 400}": "a whole number from 1 on is allowed",
    "limit=9,limit=8": "option limit is given twice",
    "limt=9": "no option 'limt'; did you mean 'limit'?",
    "limit=9,seed=x": "seed=x; a whole number from 0 on is allowed",
    "seed=1": "seed: of limit's choice, and no limit is given",
}


@pytest.mark.parametrize("options", WRONG)
def test_a_wrong_limit_is_one_line(root: Path, options: str) -> None:
    for read in (load_data, check_data):
        with pytest.raises(DataError) as caught:
            read(f"folder:{root},{options}")
        assert WRONG[options] in str(caught.value)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 300
