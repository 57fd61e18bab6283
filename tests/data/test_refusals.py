"""Hostile and damaged input: one line that names the path, never a traceback, never a guess."""

from __future__ import annotations

import pickle
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from nasfer.data import load_data, reading
from nasfer.errors import DataError, NasferError
from tests.data.drawing import class_folders, rafdb_official, save


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    return class_folders(tmp_path / "faces", ["happy", "sad"], splits={"train": 6, "test": 2})


def refused(spec: str, **settings: object) -> str:
    with pytest.raises(NasferError) as caught:
        load_data(spec, **settings)  # type: ignore[arg-type]
    message = str(caught.value)
    assert "\n" not in message
    return message


def truncate(path: Path) -> None:
    save(path, 7, side=64, mode="RGB")
    path.write_bytes(path.read_bytes()[:2000])


def png_of_many_pixels(path: Path) -> None:
    """Write a PNG that says it has 60,000 x 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data
            + struct.pack(">I", zlib.crc32(kind + data))
        )  # fmt: skip

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99))
    )


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "truncated": (truncate, "damaged"),
    "empty": (lambda path: path.write_bytes(b""), "empty file"),
    "text": (lambda path: path.write_text("a face"), "damaged or no image"),
    "bomb": (png_of_many_pixels, "decompression bombs"),
    "eps": (lambda path: path.write_text("%!PS-Adobe-3.0 EPSF-3.0\n"), "damaged or no image"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_image_stops_with_its_path_or_is_skipped_and_listed(
    faces: Path, kind: str
) -> None:
    damage, message = DAMAGE[kind]
    bad = faces / "train/sad/05.png"
    damage(bad)
    error = refused(f"folder:{faces}", resolution=12)
    assert error.startswith(f"{bad}: ")
    assert message in error
    data = load_data(f"folder:{faces}", resolution=12, on_bad_image="skip")
    assert data.bad_images == (str(bad),)
    assert sum(len(split) for split in data.splits.values()) == 15
    assert "1 damaged or missing images were left out" in data.notes


def test_pixels_stay_with_their_names_where_an_image_is_skipped(faces: Path) -> None:
    truncate(faces / "train/happy/01.png")
    data = load_data(f"folder:{faces}", resolution=12, on_bad_image="skip")
    for split in data.splits.values():
        for place, name in enumerate(split.names):
            with Image.open(name) as image:
                stored = split.images.read(torch.tensor([place]))[0, 0]
                assert stored.tolist() == np.asarray(image).tolist()


def test_images_too_many_for_memory_are_decoded_on_read_to_the_same_pixels(
    faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = load_data(f"folder:{faces}").splits["train"]
    monkeypatch.setattr("nasfer.data.assembling.MEMORY_LIMIT", 100)
    lazy = load_data(f"folder:{faces}").splits["train"]
    assert isinstance(lazy.images, reading.FileImages)
    indices = torch.tensor([3, 0, 1])
    assert torch.equal(lazy.images.read(indices), kept.images.read(indices))
    truncate(Path(lazy.names[0]))
    with pytest.raises(DataError, match=lazy.names[0]):
        lazy.images.read(indices)


def test_sizes_that_differ_need_a_resolution(faces: Path) -> None:
    odd = save(faces / "test/sad/00.png", 1, side=20)
    error = refused(f"folder:{faces}")
    assert f"{odd} is 20x20" in error
    assert "12x12" in error
    data = load_data(f"folder:{faces}", resolution=16, channels=3)
    assert data.splits["train"].images.read(torch.tensor([0])).shape == (1, 3, 16, 16)
    assert len(data.mean) == len(data.std) == 3


def official_with(line: str) -> Callable[[Path], str]:
    def write(root: Path) -> str:
        rafdb_official(root)
        with (root / "EmoLabel/list_patition_label.txt").open("a") as file:
            file.write(line + "\n")
        return f"rafdb:{root}"

    return write


def numbered(root: Path) -> str:
    return f"rafdb:{class_folders(root, list('0123456'), splits={'train': 2, 'test': 1})}"


def disagreeing(root: Path) -> str:
    names = ["neutral", "happy", "sad", "surprise", "fear", "disgust", "anger"]
    spec = numbered(root)
    (root / "classes.txt").write_text("\n".join(names))
    return spec + ",convention=emo_net"


def folders(*classes: str, **splits: int) -> Callable[[Path], str]:
    return lambda root: f"folder:{class_folders(root, classes, splits=splits)}"


def empty_test(root: Path) -> str:
    class_folders(root, ["happy", "sad"], splits={"train": 3, "test": 1})
    for path in (root / "test").rglob("*.png"):
        path.unlink()
    return f"folder:{root}"


def fer2013_row(row: str) -> Callable[[Path], str]:
    def write(root: Path) -> str:
        root.mkdir()
        (root / "fer2013.csv").write_text(f"emotion,pixels,Usage\n{row}\n")
        return f"fer2013:{root}"

    return write


REFUSED: dict[str, tuple[Callable[[Path], str], tuple[str, ...]]] = {
    "a list that climbs out": (
        official_with("../../etc/train_1.jpg 3"),
        ("list_patition_label.txt:43: image '../../etc/train_1.jpg'", "inside the data set"),
    ),
    "an absolute path in a list": (
        official_with("/etc/train_1.jpg 3"), (":43: image '/etc/train_1.jpg'",),
    ),
    "a drive in a list": (official_with("C:\\train_1.jpg 3"), (":43: image",)),
    "a label out of range": (
        official_with("train_99999.jpg 8"), (":43: label '8'; 1 to 7 are allowed",),
    ),
    "a label that is no number": (official_with("train_99999.jpg x"), (":43: label 'x'",)),
    "a name twice in a list": (
        official_with("train_00002.jpg 2"), (":43: train_00002.jpg is listed already in line 2",),
    ),
    "a listed image that is not there": (
        official_with("train_99999.jpg 2"), ("train_99999_aligned.jpg: no such file", ":43"),
    ),
    "numbers without a convention": (
        numbered,
        ("convention=emo_net (0 surprise, 1 fear, 2 disgust", "convention=efficientface (0 neutral",
         "classes.txt"),
    ),
    "a classes.txt that disagrees with the option": (disagreeing, ("convention=emo_net is",)),
    "one class only": (folders("happy", train=3, test=1), ("one class only, happiness",)),
    "a folder that is no expression": (
        folders("happy", "hungry", train=2, test=1), ("'hungry' is no expression",),
    ),
    "one class under two names": (
        folders("happy", "joy", "sad", train=2, test=1), ("folders happy and joy are both",),
    ),
    "numbers of one's own without classes.txt": (
        folders("0", "1", train=2, test=1), ("numbered class folders", "classes.txt"),
    ),
    "numbers and names": (folders("0", "happy", train=2, test=1), ("either numbers or names",)),
    "train without test": (folders("happy", "sad", train=3), ("no test split",)),
    "an empty split": (empty_test, ("empty split: no image in test",)),
    "no faces at all": (lambda root: root.mkdir() or f"folder:{root}", ("no class folders",)),
    "a fer2013 label out of range": (
        fer2013_row("7,0 0 0 0,Training"), ("fer2013.csv:2: emotion '7'; 0 to 6",),
    ),
    "a fer2013 pixel that is none": (fer2013_row("1,0 x 0 0,Training"), (":2: pixels are not",)),
    "a fer2013 pixel out of range": (fer2013_row("1,0 300 0 0,Training"), (":2: a pixel is",)),
    "a fer2013 row of too few pixels": (fer2013_row("1,0 0 0,Training"), (":2: 3 pixels",)),
    "an unknown usage": (fer2013_row("1,0 0 0 0,Testing"), (":2: Usage 'Testing'",)),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_believed_is_refused_in_one_line(case: str, tmp_path: Path) -> None:
    write, parts = REFUSED[case]
    root = tmp_path / "set"
    message = refused(write(root))
    assert str(root) in message
    for part in parts:
        assert part in message


SPECS = {
    "rafbd:{root}": "unknown data set 'rafbd'; did you mean 'rafdb'?",
    "folder": "folder needs a path, folder:PATH",
    "folder:{root}/none": "no such file or folder",
    "rafdb:{root},convention=emonet": "convention=emonet; allowed: emo_net, efficientface",
    "ferplus:{root},lables=majority": "no option 'lables'; did you mean 'labels'?",
    "folder:{root},val=0": "val=0; a share",
    "folder:{root},val=0.1,val=0.2": "val is given twice",
    "folder:{root},val=0.1,x": "'x' is no option",
}


@pytest.mark.parametrize("spec", SPECS)
def test_a_misspelt_data_value_says_what_is_allowed(spec: str, faces: Path) -> None:
    assert SPECS[spec] in refused(spec.format(root=faces))


@pytest.mark.parametrize(
    "settings", [{"resolution": 0}, {"channels": 2}, {"on_bad_image": "ignore"}]
)
def test_settings_out_of_range_are_refused(faces: Path, settings: dict[str, object]) -> None:
    assert next(iter(settings)) in refused(f"folder:{faces}", **settings)


class Evil:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, (f"open({str(self.path)!r}, 'w')",)


@pytest.mark.parametrize("how", ["object array", "bare pickle"])
def test_a_pickle_in_npy_is_refused_and_never_run(faces: Path, how: str) -> None:
    mark, path = faces.parent / "ran", faces / "land_marks.npy"
    if how == "object array":
        np.save(path, np.array([Evil(mark)], dtype=object), allow_pickle=True)
    else:
        path.write_bytes(pickle.dumps(Evil(mark)))
    message = refused(f"folder:{faces}")
    assert message.startswith(f"{path}: ")
    assert "pickle" in message
    assert not mark.exists()
