"""Every layout gives the same canonical classes: the order on disk never leaks inside."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch

from nasfer.data import EXPRESSIONS, FaceData, expression, load_data
from nasfer.data.sets.conventions import (
    AFFECTNET_ORDER,
    FER2013_ORDER,
    FERPLUS_ORDER,
    RAFDB_CONVENTIONS,
    RAFDB_OFFICIAL,
)
from tests.data.drawing import (
    class_folders,
    picture,
    rafdb_numbered,
    rafdb_official,
    save,
)

REAL = Path(__file__).parents[2] / "../shared/data"
real = pytest.mark.skipif(not REAL.is_dir(), reason=f"{REAL}: real faces are not here")


def classes_by_image(data: FaceData) -> dict[tuple[str, str], str]:
    """The class of each image; train and val are one here, as val is drawn."""
    found = {}
    for split, faces in data.splits.items():
        for name, label in zip(faces.names, faces.labels.tolist()):
            stem = Path(name).stem.removesuffix("_aligned")
            found["test" if split == "test" else "train", stem] = faces.class_names[label]
    return found


def test_the_orders_are_the_published_ones() -> None:
    written = {
        RAFDB_CONVENTIONS["emo_net"]: "surprise fear disgust happy sad anger neutral",
        RAFDB_CONVENTIONS["efficientface"]: "neutral happy sad surprise fear disgust anger",
        FER2013_ORDER: "angry disgust fear happy sad surprise neutral",
        AFFECTNET_ORDER: "neutral happy sad surprise fear disgust anger contempt",
        FERPLUS_ORDER: "neutral happiness surprise sadness anger disgust fear contempt",
    }
    for order, names in written.items():
        assert order == tuple(expression(name) for name in names.split())


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rafdb_official(tmp_path_factory.mktemp("rafdb") / "official")


def truth(official: Path) -> dict[tuple[str, str], str]:
    lines = (official / "EmoLabel/list_patition_label.txt").read_text().split("\n")[:-1]
    pairs = [line.split() for line in lines]
    return {
        (name.split("_")[0], Path(name).stem): RAFDB_OFFICIAL[int(label) - 1]
        for name, label in pairs
    }


def test_the_official_list_is_read_as_published(official: Path) -> None:
    data = load_data(f"rafdb:{official}")
    assert classes_by_image(data) == truth(official)
    assert truth(official)["train", "train_00001"] == "surprise"
    assert data.class_names == EXPRESSIONS[:7]
    assert data.splits["train"].images.channels == 3


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("named_by", ["option", "classes.txt"])
@pytest.mark.parametrize("convention", RAFDB_CONVENTIONS)
def test_a_picture_has_one_class_through_every_rafdb_convention(
    official: Path, tmp_path: Path, convention: str, named_by: str, start: int
) -> None:
    order = RAFDB_CONVENTIONS[convention]
    root = rafdb_numbered(official, tmp_path / "r", order, start=start)
    spec = f"rafdb:{root}"
    if named_by == "option":
        spec += f",convention={convention}"
    else:
        (root / "classes.txt").write_text("\n".join(order))
    data = load_data(spec)
    assert classes_by_image(data) == truth(official)
    assert any(f"{start} {order[0]}" in note for note in data.notes)


def test_named_rafdb_folders_need_no_convention(official: Path, tmp_path: Path) -> None:
    root = rafdb_numbered(official, tmp_path / "r", (), names=True)
    assert classes_by_image(load_data(f"rafdb:{root}")) == truth(official)


def test_amp_nets_list_comes_with_landmarks(official: Path, tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "dataset").symlink_to(official / "Image/aligned")
    lines = (official / "EmoLabel/list_patition_label.txt").read_text()
    (tmp_path / "index/data_label.txt").write_text(lines)
    stems = sorted(path.stem for path in (official / "Image/aligned").iterdir())
    named = [(stem + ".jpg", np.full((5, 2), number)) for number, stem in enumerate(stems)]
    rows = np.array(named, dtype=[("name", "U40"), ("points", "f4", (5, 2))])
    np.save(tmp_path / "index/land_marks.npy", rows)
    data = load_data(f"rafdb:{tmp_path}")
    assert classes_by_image(data) == truth(official)
    test = data.splits["test"]
    assert test.landmarks is not None
    assert test.landmarks.shape == (len(test), 5, 2)
    where = stems.index(Path(test.names[0]).stem)
    assert torch.equal(test.landmarks[0], torch.full((5, 2), float(where)))


def write_fer2013(path: Path, *, blank: str = "") -> Path:
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["emotion", blank + "Usage", blank + "pixels"])
        for usage in ("Training", "PublicTest", "PrivateTest"):
            for label in range(7):
                pixels = np.asarray(picture(label)).ravel()
                rows.writerow([label, usage, " ".join(map(str, pixels))])
    return path


@pytest.mark.parametrize(("name", "blank"), [("fer2013.csv", ""), ("icml_face_data.csv", " ")])
def test_fer2013_tables_keep_pixels_and_official_splits(
    tmp_path: Path, name: str, blank: str
) -> None:
    write_fer2013(tmp_path / name, blank=blank)
    data = load_data(f"fer2013:{tmp_path}")
    for faces in data.splits.values():
        named = [faces.class_names[label] for label in faces.labels.tolist()]
        assert named == list(FER2013_ORDER)
        assert faces.images.read(torch.tensor([3])).squeeze().numpy().tolist() == (
            np.asarray(picture(3)).tolist()
        )


def test_numbered_fer2013_folders_are_in_kaggles_order(tmp_path: Path) -> None:
    root = class_folders(tmp_path, list("0123456"), splits={"train": 2, "test": 1})
    test = load_data(f"fer2013:{root}").splits["test"]
    by_folder = {Path(name).parent.name: label for name, label in zip(test.names, test.labels)}
    for number, name in enumerate(FER2013_ORDER):
        assert test.class_names[by_folder[str(number)]] == name


@pytest.mark.parametrize("layout", ["folders", "table"])
def test_both_ferplus_layouts_give_the_same_labels(tmp_path: Path, layout: str) -> None:
    usage = {"FER2013Train": "Training", "FER2013Valid": "PublicTest", "FER2013Test": "PrivateTest"}
    table = ["Usage,Image name," + ",".join(FERPLUS_ORDER) + ",unknown,NF"]
    for number, (folder, used) in enumerate(usage.items()):
        lines = []
        for label in range(8):
            votes = ["0"] * 10
            votes[label] = "10"
            name = f"fer{number * 10 + label:07}.png"
            save(tmp_path / folder / name, number * 10 + label)
            lines.append(f'{name},"(0, 0, 48, 48)",{",".join(votes)}')
            table.append(f"{used},{name},{','.join(votes)}")
        if layout == "folders":
            (tmp_path / folder / "label.csv").write_text("\n".join(lines))
    if layout == "table":
        (tmp_path / "fer2013new.csv").write_text(
            "\n".join([*table, "Training,,0,0,0,0,0,0,0,0,0,10"])
        )
    data = load_data(f"ferplus:{tmp_path}")
    for faces in data.splits.values():
        assert [faces.class_names[label] for label in faces.labels] == list(FERPLUS_ORDER)
    dropped = 1 if layout == "table" else 0
    assert f"train 8 kept, {dropped} dropped" in data.notes[1]


@pytest.mark.parametrize(("name", "count"), [("affectnet7", 7), ("affectnet8", 8)])
def test_affectnet_numbers_are_the_official_ones(tmp_path: Path, name: str, count: int) -> None:
    class_folders(tmp_path, list("01234567"), splits={"train": 3, "val": 1}, mode="RGB")
    data = load_data(f"{name}:{tmp_path}")
    test = data.splits["test"]  # the set's val, as its test images are not public
    assert any("val split" in note for note in data.notes)
    named = {Path(n).parent.name: test.class_names[k] for n, k in zip(test.names, test.labels)}
    assert named == {str(k): AFFECTNET_ORDER[k] for k in range(count)}


def test_affectnet_lists_cut_faces_and_drop_what_is_no_expression(tmp_path: Path) -> None:
    whole = save(tmp_path / "Manually_Annotated_Images/1/all.png", 5, side=40)
    for split, each in (("training", 3), ("validation", 1)):
        lines = ["subDirectory_filePath,face_x,face_y,face_width,face_height,expression"]
        for place in range(each * 8):
            name = f"1/{split}{place}.png"
            (tmp_path / "Manually_Annotated_Images" / name).write_bytes(whole.read_bytes())
            lines.append(f"{name},{place % 8},2,10,10,{place % 8}")
        lines.append("1/none.png,0,0,4,4,9")
        (tmp_path / f"{split}.csv").write_text("\n".join(lines))
    data = load_data(f"affectnet8:{tmp_path}")
    assert "dropped: 2 label 9" in data.notes
    test = data.splits["test"]
    expected = np.asarray(picture(5, side=40))[2:12, 3:13]
    assert test.images.read(torch.tensor([3])).squeeze().numpy().tolist() == expected.tolist()
    assert [test.class_names[k] for k in test.labels] == list(AFFECTNET_ORDER)


def test_caers_reads_its_names(tmp_path: Path) -> None:
    names = ["Anger", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise"]
    class_folders(tmp_path, names, splits={"train": 2, "test": 1}, mode="RGB")
    assert load_data(f"caers:{tmp_path}").splits["test"].counts() == dict.fromkeys(
        EXPRESSIONS[:7], 1
    )


def test_a_folder_without_splits_is_split_by_seed_and_stratified(tmp_path: Path) -> None:
    class_folders(tmp_path, ["happy", "sad"], splits={"": 20})
    data, again, other = (load_data(f"folder:{tmp_path},val=0.25", seed=s) for s in (0, 0, 1))
    assert {s: f.counts() for s, f in data.splits.items()} == {
        "train": {"happiness": 12, "sadness": 12},
        "val": {"happiness": 4, "sadness": 4},
        "test": {"happiness": 4, "sadness": 4},
    }
    assert data.splits["val"].names == again.splits["val"].names != other.splits["val"].names
    every = [name for faces in data.splits.values() for name in faces.names]
    assert len(every) == len(set(every)) == 40


def test_a_set_with_its_own_val_split_keeps_it(tmp_path: Path) -> None:
    class_folders(tmp_path, ["happy", "sad"], splits={"train": 4, "valid": 3, "test": 2})
    data = load_data(f"folder:{tmp_path}")
    assert [len(data.splits[split]) for split in ("train", "val", "test")] == [8, 6, 4]


@real
def test_real_fer2013_is_as_its_readme_says() -> None:
    data = load_data(f"fer2013:{REAL / 'fer2013'}")
    assert [len(data.splits[split]) for split in ("train", "val", "test")] == [4200, 700, 700]
    assert data.splits["train"].images.resolution == 48
    assert data.splits["train"].images.channels == 1


@real
def test_real_ferplus_keeps_what_the_rules_keep() -> None:
    loose = load_data(f"ferplus:{REAL / 'ferplus'},labels=probability")
    strict = load_data(f"ferplus:{REAL / 'ferplus'},rules=microsoft")
    assert len(loose.splits["train"]) == 2400
    assert len(strict.splits["train"]) == 2079
    assert loose.splits["train"].targets.sum(1).allclose(torch.ones(2400))
