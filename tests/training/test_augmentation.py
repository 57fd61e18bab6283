"""Augmentation: nothing asked is prepare(); landmarks follow pixels; each image its own draw."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as vision

from nasfer.data import flip_landmarks
from nasfer.errors import SpecError
from nasfer.inference.prepare import prepare
from nasfer.training.augment import colour
from nasfer.training.augment.affine import PAD, draw_geometry, move_landmarks, warp
from nasfer.training.augment.augmentation import Augment
from nasfer.training.randomness import uniform
from nasfer.training.recipe import Recipe, load_recipe

CHANGES = {
    "crop": "pad", "crop_scale": 0.5, "flip": 0.5, "rotation": 15.0, "scale": 0.1,
    "translate": 0.1, "affine_p": 0.5, "auto_augment": "randaugment", "color_jitter": 0.2,
    "grayscale": 0.5, "random_erasing": 0.5,
}  # fmt: skip
NEEDS: dict[str, dict[str, Any]] = {
    "crop_scale": {"crop": "random_resized"},
    "affine_p": {"rotation": 15.0},
}


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def photos(count: int, side: int, channels: int = 3) -> Tensor:
    return torch.randint(
        0, 256, (count, channels, side, side), dtype=torch.uint8, generator=seeded(1)
    )


def augmented(recipe: Recipe, images: Tensor, *, side: int = 48, seed: int = 0) -> Tensor:
    augment = Augment(recipe, resolution=side, channels=3, mean=(0.5,) * 3, std=(0.25,) * 3)
    return augment(images, None, seeded(seed))[0]


@pytest.mark.parametrize("side", [32, 48, 100])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("wanted", [1, 3])
def test_nothing_asked_is_what_evaluation_sees(side: int, channels: int, wanted: int) -> None:
    values = {"mean": (0.4,) * wanted, "std": (0.2,) * wanted}
    images, points = photos(3, side, channels), 224 * torch.rand(3, 5, 2)
    got, moved = Augment(Recipe(), resolution=48, channels=wanted, **values)(
        images, points, seeded()
    )
    assert torch.equal(got, prepare(images, resolution=48, channels=wanted, **values))
    assert torch.equal(moved, points)


@pytest.mark.parametrize("side", [32, 48, 100])
def test_a_certain_flip_is_the_mirrored_evaluation(side: int) -> None:
    images = photos(3, side)
    wanted = prepare(images, resolution=48, channels=3, mean=(0.5,) * 3, std=(0.25,) * 3).flip(3)
    torch.testing.assert_close(augmented(Recipe(flip=1.0), images), wanted, atol=1e-3, rtol=0)


@pytest.mark.parametrize("name", CHANGES)
def test_every_option_moves_something(name: str) -> None:
    images, needs = photos(8, 48), NEEDS.get(name, {})
    without, with_it = Recipe(**needs), Recipe(**needs | {name: CHANGES[name]})
    assert not torch.equal(augmented(without, images), augmented(with_it, images))


EVERYTHING = Recipe(
    crop="random_resized", flip=0.5, rotation=15.0, scale=0.1, translate=0.1, affine_p=0.8,
    auto_augment="autoaugment", color_jitter=0.2, grayscale=0.2, random_erasing=0.5,
)  # fmt: skip


def test_the_generator_alone_decides() -> None:
    images = photos(8, 48)
    torch.manual_seed(1)
    state = torch.get_rng_state()
    one = augmented(EVERYTHING, images)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert torch.equal(augmented(EVERYTHING, images), one)
    assert not torch.equal(augmented(EVERYTHING, images, seed=1), one)


def test_each_image_has_its_own_draw() -> None:
    same = photos(1, 48).repeat(8, 1, 1, 1)
    for name, value in CHANGES.items():
        result = augmented(Recipe(**NEEDS.get(name, {}) | {name: value}), same)
        assert len(torch.unique(result.flatten(1), dim=0)) > 1, name


def dots(points: Tensor, side: int) -> Tensor:
    """Draw a soft white dot at each of ``(B, 2)`` landmarks, on black."""
    at = (points + 0.5) * side / 224
    cells = torch.arange(side) + 0.5
    x = (-((cells - at[:, :1]) ** 2) / 8).exp()
    y = (-((cells - at[:, 1:]) ** 2) / 8).exp()
    return (255 * y[:, :, None] * x[:, None, :]).round().to(torch.uint8)[:, None]


def found(images: Tensor) -> Tensor:
    """Return the centre of light of each image, in coordinates of 224 pixels."""
    cells = (torch.arange(images.shape[-1]) + 0.5) * 224 / images.shape[-1] - 0.5
    light = images[:, 0] / images[:, 0].sum((1, 2), keepdim=True)
    return torch.stack([(light.sum(1) * cells).sum(1), (light.sum(2) * cells).sum(1)], dim=1)


@pytest.mark.parametrize(
    "options",
    [
        {"rotation": 30.0},
        {"scale": 0.2},
        {"translate": 0.1},
        {"crop": "pad"},
        {"crop": "eased"},
        {"crop": "random_resized", "crop_scale": 0.7},
        {"flip": 0.5},
        {"rotation": 15.0, "scale": 0.1, "translate": 0.09, "affine_p": 0.8, "flip": 0.5},
        {"crop": "pad", "rotation": 15.0, "scale": 0.1, "translate": 0.05, "flip": 1.0},
    ],
    ids=str,
)
@pytest.mark.parametrize("side", [96, 300])
def test_landmarks_follow_the_pixels(options: dict[str, Any], side: int) -> None:
    nose = 92 + 40 * torch.rand(16, 2, generator=seeded(2))  # the third one: its name stays
    points = nose[:, None].repeat(1, 5, 1)
    augment = Augment(Recipe(**options), resolution=112, channels=1, mean=(), std=())
    images, moved = augment(dots(nose, side), points, seeded(3))
    assert moved is not None
    torch.testing.assert_close(found(images), moved[:, 2], atol=1.0, rtol=0)
    assert (moved - points).abs().max() > 2


def test_a_mirrored_face_swaps_left_and_right() -> None:
    face = torch.tensor([[[60.0, 80], [150, 82], [110, 112], [80, 160], [140, 164]]])
    augment = Augment(Recipe(flip=1.0), resolution=56, channels=1, mean=(), std=())
    _, moved = augment(photos(1, 56, 1), face, seeded())
    wanted = torch.tensor([[[73.0, 82], [163, 80], [113, 112], [83, 164], [143, 160]]])
    torch.testing.assert_close(moved, wanted)
    torch.testing.assert_close(moved, flip_landmarks(face))


def test_a_padded_crop_moves_whole_pixels_and_fills_black() -> None:
    image = photos(1, 48, 1).repeat(64, 1, 1, 1).float()
    matrix, _ = draw_geometry(Recipe(crop="pad"), 64, 48, seeded())
    result = warp(image, matrix, 48)
    most = 48 // PAD
    padded = torch.nn.functional.pad(image[0, 0], (most,) * 4)
    shifts = (matrix[:, :2, 2] * 24).round().long()
    assert shifts.min() == -most
    assert shifts.max() == most
    for got, (dx, dy) in zip(result, shifts.tolist()):
        window = padded[most + dy : most + dy + 48, most + dx : most + dx + 48]
        torch.testing.assert_close(got[0], window, atol=0.05, rtol=0)


def test_a_random_window_lies_inside_the_image() -> None:
    recipe = Recipe(crop="random_resized", crop_scale=0.08)
    matrix, _ = draw_geometry(recipe, 2000, 48, seeded())
    half, middle = matrix.diagonal(dim1=1, dim2=2)[:, :2], matrix[:, :2, 2]
    assert ((half + middle.abs()) <= 1 + 1e-6).all()
    area = half.prod(1)
    assert 0.08 - 1e-6 <= area.min() < 0.1
    assert area.max() > 0.9
    ratio = half[:, 0] / half[:, 1]
    assert 3 / 4 - 1e-4 <= ratio.min() < ratio.max() <= 4 / 3 + 1e-4


def test_affine_p_is_the_share_of_moved_images() -> None:
    matrix, _ = draw_geometry(Recipe(rotation=15.0, affine_p=0.8), 4000, 48, seeded())
    still = (matrix == torch.eye(3)).all((1, 2)).float().mean().item()
    assert still == pytest.approx(0.2, abs=0.03)


def test_rotation_scale_and_shift_reach_their_limits() -> None:
    def forward(**options: float) -> Tensor:
        return draw_geometry(Recipe(**options), 4000, 48, seeded())[0].inverse()

    turned = forward(rotation=15.0)
    angles = torch.atan2(turned[:, 1, 0], turned[:, 0, 0]).rad2deg()
    sizes = forward(scale=0.1)[:, 0, 0]
    shifts = forward(translate=0.09)[:, :2, 2] / 2  # of a side of 2
    assert [angles.min(), angles.max()] == pytest.approx([-15, 15], abs=0.05)
    assert [sizes.min(), sizes.max()] == pytest.approx([0.9, 1.1], abs=1e-3)
    assert [shifts.min(), shifts.max()] == pytest.approx([-0.09, 0.09], abs=1e-3)


def test_the_window_is_cut_first_and_turned_then() -> None:
    cut, _ = draw_geometry(Recipe(crop="random_resized"), 8, 48, seeded())
    turned, _ = draw_geometry(Recipe(crop="random_resized", rotation=40.0), 8, 48, seeded())
    torch.testing.assert_close(turned[:, :2, 2], cut[:, :2, 2])  # the same centre


def test_points_and_pixels_use_one_matrix() -> None:
    matrix, mirrored = draw_geometry(EVERYTHING, 8, 48, seeded())
    points = 224 * torch.rand(8, 5, 2, generator=seeded(1))
    back = move_landmarks(move_landmarks(points, matrix, mirrored), matrix.inverse(), mirrored)
    torch.testing.assert_close(back, points, atol=0.01, rtol=0)


@pytest.mark.parametrize("options", [{"auto_augment": "autoaugment"}, {"mixup": 0.2}])
def test_what_landmarks_cannot_follow_is_refused(options: dict[str, Any]) -> None:
    augment = Augment(Recipe(**options), resolution=48, channels=3, mean=(), std=())
    with pytest.raises(SpecError, match=f"{next(iter(options))}: .*landmarks cannot follow"):
        augment(photos(2, 48), torch.zeros(2, 5, 2), seeded())


def test_jitter_is_torchvisions_arithmetic_image_by_image() -> None:
    images = photos(4, 16).float() / 255
    got = colour.jitter(images, 0.4, seeded())
    generator = seeded()
    factors = torch.stack([uniform(generator, 4, 0.6, 1.4) for _ in range(3)], 1).tolist()
    for image, result, (bright, contrast, saturation) in zip(images, got, factors):
        wanted = vision.adjust_brightness(image, bright)
        wanted = vision.adjust_contrast(wanted, contrast)
        wanted = vision.adjust_saturation(wanted, saturation)
        torch.testing.assert_close(result, wanted, atol=2e-3, rtol=0)  # their grey is 0.2989 red


def test_grey_out_greys_its_share() -> None:
    images = photos(1000, 4).float()
    grey = (colour.grey_out(images, 0.2, seeded()).std(1) < 1e-3).all((1, 2)).float().mean()
    assert grey.item() == pytest.approx(0.2, abs=0.04)


def test_erasing_leaves_one_rectangle_of_the_given_sizes() -> None:
    erased = colour.erase(torch.ones(1000, 3, 40, 40), 0.5, seeded()) == 0
    assert torch.equal(erased[:, 0], erased[:, 2])
    holes = erased[:, 0]
    hit = holes.any(2).any(1)
    assert hit.float().mean().item() == pytest.approx(0.5, abs=0.05)
    tall, wide = holes.any(2).sum(1)[hit], holes.any(1).sum(1)[hit]
    area = holes.sum((1, 2))[hit]
    assert torch.equal(area, tall * wide)
    assert area.min() >= 0.015 * 1600
    assert area.max() <= 0.35 * 1600


def test_no_pixel_leaves_its_range_before_normalisation() -> None:
    for name in ("amp_net", "zennet", "nasfer"):
        recipe = load_recipe(name)
        augment = Augment(recipe, resolution=48, channels=3, mean=(), std=())
        images, _ = augment(photos(16, 64), None, seeded())
        assert images.shape == (16, 3, 48, 48)
        assert images.dtype == torch.float32
        assert 0 <= images.min() <= images.max() <= 1
