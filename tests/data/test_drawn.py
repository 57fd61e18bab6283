"""Drawn faces: the same index is the same picture, classes are balanced, landmarks are true."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from nasfer.data import EXPRESSIONS, load_data
from nasfer.data.drawing import ACTIONS, EXPRESSION_ACTIONS, faces_of, landmarks_of, render
from nasfer.data.sets.drawn import DrawnImages, drawn_data
from nasfer.errors import DataError


def pictures(data, split: str) -> Tensor:
    faces = data.splits[split]
    return faces.images.read(torch.arange(len(faces)))


@pytest.mark.parametrize(("resolution", "channels"), [(48, 1), (53, 3), (224, 1)])
def test_an_index_is_the_same_picture_whatever_its_batch(resolution: int, channels: int) -> None:
    images = DrawnImages("train", 40, resolution=resolution, channels=channels)
    together = images.read(torch.arange(40))
    order = torch.randperm(40, generator=torch.Generator().manual_seed(0))
    for batch in order.split([1, 2, 3, 5, 7, 11, 11]):
        assert torch.equal(images.read(batch), together[batch])


def test_the_number_of_threads_changes_no_pixel() -> None:
    images = DrawnImages("train", 3, resolution=224)
    threads = torch.get_num_threads()
    drawn = []
    try:
        for number in (1, 3):
            torch.set_num_threads(number)
            drawn.append(images.read(torch.arange(3)))
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(*drawn)


def test_drawing_leaves_the_global_generator_alone() -> None:
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    drawn_data(train=7, val=7, test=7).splits["train"].images.read(torch.arange(7))
    assert torch.equal(torch.rand(2), expected)


def test_less_nuisance_is_asked_for_by_an_option_and_is_told() -> None:
    small = "drawn,train=20,val=7,test=7"
    whole, less = load_data(small), load_data(f"{small},nuisance=0.25")
    assert torch.equal(
        pictures(load_data(f"{small},nuisance=1"), "train"), pictures(whole, "train")
    )
    assert torch.equal(less.splits["train"].labels, whole.splits["train"].labels)
    assert not torch.equal(pictures(less, "train"), pictures(whole, "train"))
    assert "nuisance 0.25" in less.notes[0]
    spread = [data.splits["train"].landmarks.std(0).mean() for data in (less, whole)]
    assert spread[0] < spread[1] / 2
    for wrong in ("1.5", "-0.1", "nan", "much"):
        with pytest.raises(DataError, match="nuisance="):
            load_data(f"{small},nuisance={wrong}")


def test_a_longer_split_begins_with_the_shorter_one() -> None:
    short = drawn_data(train=20, val=7, test=7).splits["train"]
    long = drawn_data(train=50, val=7, test=7).splits["train"]
    assert torch.equal(short.labels, long.labels[:20])
    assert torch.equal(short.landmarks, long.landmarks[:20])
    first = torch.arange(20)
    assert torch.equal(short.images.read(first), long.images.read(first))


def test_seeds_and_splits_share_no_face() -> None:
    landmarks = torch.cat(
        [
            faces.landmarks.flatten(1)
            for seed in (0, 1, 2**40)
            for faces in drawn_data(train=700, val=100, test=100, seed=seed).splits.values()
        ]
    )
    assert len(landmarks.unique(dim=0)) == len(landmarks)


def test_other_seeds_draw_other_pictures() -> None:
    first, second = (pictures(drawn_data(train=14, val=7, test=7, seed=s), "train") for s in (0, 1))
    assert (first.float() - second.float()).abs().mean((1, 2, 3)).min() > 5


@pytest.mark.parametrize("classes", [7, 8])
def test_classes_are_balanced_shuffled_and_in_canonical_order(classes: int) -> None:
    data = drawn_data(classes=classes, train=classes * 100 + 3, val=80, test=80)
    assert data.class_names == EXPRESSIONS[:classes]
    for faces in data.splits.values():
        counts = faces.counts().values()
        assert max(counts) - min(counts) <= 1
        assert faces.targets.shape == (len(faces), classes)
        assert torch.equal(faces.targets.sum(1), torch.ones(len(faces)))
        assert set(faces.targets.unique().tolist()) == {0, 1}
    labels = data.splits["train"].labels
    repeats = (labels[classes:] == labels[:-classes]).float().mean()
    assert repeats == pytest.approx(1 / classes, abs=0.05)  # no fixed cycle


@pytest.mark.parametrize(
    ("resolution", "channels", "classes"),
    list(itertools.product((48, 64, 112, 224), (1, 3), (7, 8))),
)
def test_all_sizes_are_drawn(resolution: int, channels: int, classes: int) -> None:
    data = drawn_data(
        resolution=resolution, channels=channels, classes=classes, train=8, val=8, test=8
    )
    drawn = pictures(data, "val")
    assert drawn.dtype == torch.uint8
    assert drawn.shape == (8, channels, resolution, resolution)
    images = data.splits["val"].images
    assert (images.resolution, images.channels, len(images)) == (resolution, channels, 8)
    assert len(data.mean) == len(data.std) == channels


def test_other_resolutions_show_the_same_faces() -> None:
    small = pictures(drawn_data(train=14, val=7, test=7, resolution=56), "train").float()
    large = pictures(drawn_data(train=14, val=7, test=7, resolution=224), "train").float()
    shrunk = torch.nn.functional.avg_pool2d(large, 4)
    for one, other in zip(small, shrunk):
        both = torch.stack([one.flatten(), other.flatten()])
        assert torch.corrcoef(both)[0, 1] > 0.8  # not 1: noise is by the pixel


@pytest.mark.parametrize("channels", [1, 3])
def test_mean_and_deviation_are_those_of_the_pixels(channels: int) -> None:
    data = drawn_data(train=512, val=7, test=7, channels=channels)
    pixels = pictures(data, "train").double() / 255
    assert data.mean == pytest.approx(pixels.mean((0, 2, 3)).tolist())
    assert data.std == pytest.approx(pixels.std((0, 2, 3)).tolist())
    assert all(0.3 < value < 0.7 for value in data.mean)
    assert all(0.15 < value < 0.35 for value in data.std)


def test_pictures_use_the_range_of_grey_without_much_clipping() -> None:
    drawn = pictures(drawn_data(train=700, val=7, test=7), "train")
    assert ((drawn == 0) | (drawn == 255)).float().mean() < 0.08
    assert (drawn.flatten(1).float().std(1) > 4).all()  # no picture is empty


def test_colour_pictures_are_coloured() -> None:
    drawn = pictures(drawn_data(train=70, val=7, test=7, channels=3), "train").float()
    assert (drawn[:, 0] - drawn[:, 2]).mean() > 5  # skin is redder than blue


def test_landmarks_lie_inside_and_in_order() -> None:
    landmarks = drawn_data(train=4000, val=7, test=7).splits["train"].landmarks
    assert landmarks.shape == (4000, 5, 2)
    assert landmarks.dtype == torch.float32
    assert landmarks.min() >= 0
    assert landmarks.max() <= 223
    left_eye, right_eye, nose, left_mouth, right_mouth = landmarks.unbind(1)
    assert (left_eye[:, 0] + 20 < right_eye[:, 0]).all()
    assert (left_mouth[:, 0] + 10 < right_mouth[:, 0]).all()
    eyes, mouth = (left_eye + right_eye) / 2, (left_mouth + right_mouth) / 2
    assert (eyes[:, 1] < nose[:, 1]).all()
    assert (nose[:, 1] < mouth[:, 1]).all()


def around(picture: Tensor, point: Tensor, size: int) -> Tensor:
    column, row = (round(float(value)) for value in point)
    return picture[row - size : row + size + 1, column - size : column + size + 1].float()


def posed_faces(count: int) -> tuple[Tensor, Tensor]:
    """Return pictures with nothing but expression, person and pose, and their landmarks."""
    rows = [[EXPRESSION_ACTIONS[name].get(a, 0.0) for a in ACTIONS] for name in EXPRESSIONS]
    actions = torch.tensor(rows)[torch.arange(count) % len(EXPRESSIONS)]
    face = faces_of(0, "posed", torch.arange(count), actions)
    hidden = {"cover": 0.0, "dark_lens": 0.0, "blur": 0.0, "light_x": 0.0, "light_y": 0.0}
    for name, value in {**hidden, "brightness": 0.0, "gamma": 0.0, "contrast": 1.0}.items():
        face[name] = torch.full((count,), value)
    return render(face, 224, 1)[:, 0] * 255, landmarks_of(face)


def test_landmarks_sit_on_dark_pupils_and_on_the_ends_of_the_mouth_in_any_pose() -> None:
    for picture, points in zip(*posed_faces(64)):
        for eye in points[:2]:
            assert around(picture, eye, 1).mean() < 0.6 * around(picture, eye, 12).max()
        for corner, outward in ((points[3], -1), (points[4], 1)):
            inside = corner - torch.tensor([4.0 * outward, 0.0])
            column, row = (round(float(value)) for value in inside)
            lips = picture[row - 6 : row + 7, column]
            assert lips.min() < lips.max() - 4  # the lips cross this column


def test_landmarks_follow_the_pose() -> None:
    still = DrawnImages("test", 50, nuisance=0.0).landmarks(torch.arange(50))
    moved = DrawnImages("test", 50).landmarks(torch.arange(50))
    assert still[:, 0, 1].sub(still[:, 1, 1]).abs().max() < 1e-3  # level eyes
    assert moved[:, 0, 1].sub(moved[:, 1, 1]).abs().max() > 5
    assert still[:, :2, 0].mean(1).sub(111.5).abs().max() < 1e-3


def test_expressions_differ_where_they_should() -> None:
    images = DrawnImages("train", 700, classes=7, nuisance=0.0)
    every = torch.arange(700)
    mouth = images.landmarks(every)[:, 3:].double()
    width = mouth[:, 1, 0] - mouth[:, 0, 0]
    labels = images.labels(every)
    mean = {name: width[labels == label].mean() for label, name in enumerate(EXPRESSIONS[:7])}
    assert mean["happiness"] > mean["neutral"] > mean["surprise"]
    assert mean["fear"] > mean["neutral"]


def test_an_index_out_of_the_split_is_refused() -> None:
    images = DrawnImages("train", 10)
    for index in (-1, 10):
        with pytest.raises(IndexError, match="0 to 9"):
            images.read(torch.tensor([index]))
    assert images.read(torch.arange(0)).shape == (0, 1, 48, 48)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"classes": 6}, "classes=6"),
        ({"resolution": 40}, "40"),
        ({"resolution": 225}, "225"),
        ({"channels": 2}, "channels 2"),
        ({"train": 6}, "train=6"),
        ({"val": 0}, "val=0"),
        ({"test": -1}, "test=-1"),
        ({"seed": -1}, "seed=-1"),
        ({"seed": 2**63}, "seed="),
    ],
)
def test_wrong_arguments_are_errors_of_one_line(wrong: dict[str, int], named: str) -> None:
    with pytest.raises(DataError) as caught:
        drawn_data(**wrong)
    assert named in str(caught.value)
    assert "allowed" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_drawn_is_a_data_set_by_name() -> None:
    data = load_data("drawn,classes=8,train=80,val=16,test=8,seed=5", resolution=64, channels=3)
    same = drawn_data(classes=8, train=80, val=16, test=8, seed=5, resolution=64, channels=3)
    assert [len(faces) for faces in data.splits.values()] == [80, 16, 8]
    assert torch.equal(pictures(data, "test"), pictures(same, "test"))
    assert data.spec.startswith("drawn,classes=8")


def test_the_runs_seed_draws_the_faces_unless_the_option_does() -> None:
    by_run = load_data("drawn,train=7,val=7,test=7", seed=3)
    by_option = load_data("drawn,train=7,val=7,test=7,seed=3", seed=9)
    assert torch.equal(pictures(by_run, "train"), pictures(by_option, "train"))


@pytest.mark.parametrize(
    "spec", ["drawn:/tmp", "drawn,train=many", "drawn,classes=9", "drawn,val=0.2", "drawn,size=3"]
)
def test_a_wrong_name_or_option_is_an_error_of_one_line(spec: str) -> None:
    with pytest.raises(DataError) as caught:
        load_data(spec)
    assert "\n" not in str(caught.value)
