"""Landmarks: read by name, flipped and rotated as the image is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from nasfer.data import flip_landmarks, load_data, rotate_landmarks
from nasfer.data.landmarks import SIDE, read_landmarks
from nasfer.errors import DataError
from tests.data.drawing import class_folders

FACE = torch.tensor([[70.0, 90.0], [150.0, 92.0], [110.0, 130.0], [80.0, 160.0], [140.0, 163.0]])


def dot(point: torch.Tensor) -> Image.Image:
    """An image that is black but for a dot."""
    pixels = np.zeros((SIDE, SIDE), dtype=np.uint8)
    x, y = (int(value) for value in point)
    pixels[y - 2 : y + 3, x - 2 : x + 3] = 255
    return Image.fromarray(pixels)


def centre(image: Image.Image) -> torch.Tensor:
    """Where the dot is."""
    y, x = np.nonzero(np.asarray(image) > 127)
    return torch.tensor([x.mean(), y.mean()])


def test_a_flip_moves_landmarks_as_it_moves_pixels_and_swaps_sides() -> None:
    flipped = flip_landmarks(FACE)
    for place, partner in enumerate((1, 0, 2, 4, 3)):
        seen = centre(dot(FACE[partner]).transpose(Image.Transpose.FLIP_LEFT_RIGHT))
        assert torch.allclose(flipped[place].double(), seen)
    assert flipped[0, 0] < flipped[1, 0]  # left stays left, as seen
    assert flipped[3, 0] < flipped[4, 0]
    assert torch.equal(flip_landmarks(flipped), FACE)


@pytest.mark.parametrize("degrees", [-15, 15, 40, 90])
def test_a_rotation_moves_landmarks_as_pillow_moves_pixels(degrees: float) -> None:
    turned = rotate_landmarks(FACE, degrees)
    for point, moved in zip(FACE, turned):
        assert (centre(dot(point).rotate(degrees)) - moved).abs().max() < 0.7
    assert torch.allclose(rotate_landmarks(turned, -degrees), FACE, atol=1e-3)


def test_batches_of_landmarks_keep_their_shape() -> None:
    batch = FACE.expand(3, 5, 2)
    assert flip_landmarks(batch).shape == rotate_landmarks(batch, 3).shape == (3, 5, 2)


def write_csv(root: Path, names: list[str], *, header: bool = True) -> Path:
    lines = ["name,x1,y1,x2,y2,x3,y3,x4,y4,x5,y5"] * header
    lines += [f"{name},{','.join(map(str, FACE.flatten().tolist()))}" for name in names]
    (root / "landmarks.csv").write_text("\n".join(lines))
    return root / "landmarks.csv"


@pytest.mark.parametrize("header", [True, False])
def test_a_csv_is_a_name_and_ten_numbers(tmp_path: Path, header: bool) -> None:
    points = read_landmarks(write_csv(tmp_path, ["a.jpg", "b.jpg"], header=header))
    assert sorted(points) == ["a", "b"]
    assert np.allclose(points["b"], FACE.numpy())


def test_an_array_of_text_is_a_name_and_ten_numbers_a_row(tmp_path: Path) -> None:
    np.save(tmp_path / "l.npy", np.array([["a.jpg", *map(str, range(10))]]))
    assert read_landmarks(tmp_path / "l.npy")["a"].tolist()[1] == [2.0, 3.0]


@pytest.mark.parametrize(
    ("line", "message"),
    [("a.jpg,1,2,3", ":1: a.jpg has no 5"), ("a.jpg" + ",nan" * 10, ":1: a landmark of a.jpg")],
)
def test_a_row_that_is_no_face_is_refused_with_its_line(
    tmp_path: Path, line: str, message: str
) -> None:
    (tmp_path / "landmarks.csv").write_text(line)
    with pytest.raises(DataError, match=message):
        read_landmarks(tmp_path / "landmarks.csv")


def test_an_image_without_landmarks_stops_or_is_left_out(tmp_path: Path) -> None:
    class_folders(tmp_path, ["happy", "sad"], splits={"": 10})
    for path in list(tmp_path.rglob("*.png")):
        path.rename(path.with_name(f"{path.parent.name}{path.name}"))
    names = sorted(path.name for path in tmp_path.rglob("*.png"))
    write_csv(tmp_path, names[1:])
    with pytest.raises(DataError, match=rf"{names[0]}: no landmarks in .*landmarks.csv"):
        load_data(f"folder:{tmp_path}")
    data = load_data(f"folder:{tmp_path}", on_bad_image="skip")
    assert len(data.bad_images) == 1
    train = data.splits["train"]
    assert train.landmarks is not None
    assert torch.equal(train.landmarks[0], FACE)


def test_names_of_numbers_that_are_no_letters_are_refused(tmp_path: Path) -> None:
    array = np.zeros(2, dtype=[("name", "<U8"), ("points", "<f4", (5, 2))])
    array["name"] = "a", "b"
    content = bytearray(array.tobytes())
    content[4:8] = b"\x01\x01\x01\x01"  # the second letter of the first name
    np.save(tmp_path / "land_marks.npy", np.frombuffer(bytes(content), dtype=array.dtype))
    with pytest.raises(DataError, match=r"land_marks\.npy: damaged: a name holds a number"):
        read_landmarks(tmp_path / "land_marks.npy")
