"""Mixed targets stay distributions, and images are mixed in the same shares."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from nasfer.training.augment.mixing import mix
from nasfer.training.recipe import Recipe


def batch(count: int = 8) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(count, 3, 12, 12, generator=generator)
    return images, torch.rand(count, count, generator=generator).softmax(1)


def mixed(recipe: Recipe, images: Tensor, targets: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    return mix(images, targets, recipe, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("recipe", [Recipe(mixup=0.2), Recipe(cutmix=1.0)], ids=["mix", "cut"])
def test_targets_stay_distributions(recipe: Recipe, seed: int) -> None:
    _, targets = mixed(recipe, *batch(), seed)
    assert (targets >= 0).all()
    torch.testing.assert_close(targets.sum(1), torch.ones(8))


@pytest.mark.parametrize("seed", range(5))
def test_mixup_is_its_formula(seed: int) -> None:
    images, _ = batch()
    result, shares = mixed(Recipe(mixup=1.0), images, torch.eye(8), seed)
    for i in range(8):
        share = shares[i, i].item()
        assert shares[i, i - 1].item() == pytest.approx(1 - share, abs=1e-6)
        torch.testing.assert_close(result[i], share * images[i] + (1 - share) * images[i - 1])


@pytest.mark.parametrize("seed", range(5))
def test_cutmix_shares_are_those_of_the_pixels(seed: int) -> None:
    images, _ = batch()
    result, shares = mixed(Recipe(cutmix=1.0), images, torch.eye(8), seed)
    for i in range(8):
        own, other = (result[i] == images[i]).all(0), (result[i] == images[i - 1]).all(0)
        assert (own | other).all()
        assert shares[i, i].item() == pytest.approx(own.float().mean().item(), abs=1e-6)


def test_nothing_asked_changes_nothing_and_inputs_are_left_alone() -> None:
    images, targets = batch()
    kept = images.clone(), targets.clone()
    same = mixed(Recipe(), images, targets, 0)
    assert same[0] is images
    assert same[1] is targets
    mixed(Recipe(mixup=1.0, cutmix=1.0), images, targets, 0)
    assert torch.equal(images, kept[0])
    assert torch.equal(targets, kept[1])


def test_with_both_a_batch_has_one_or_the_other() -> None:
    images, _ = batch()
    cut = [
        bool(((r == images) | (r == images.roll(1, 0))).all())
        for r, _ in (
            mixed(Recipe(mixup=1.0, cutmix=1.0), images, torch.eye(8), s) for s in range(40)
        )
    ]
    assert 8 <= sum(cut) <= 32


def test_the_generator_alone_decides() -> None:
    recipe = Recipe(mixup=1.0, cutmix=1.0)
    state = torch.get_rng_state()
    one = mixed(recipe, *batch(), 3)
    assert torch.equal(torch.get_rng_state(), state)
    torch.rand(1)
    other = mixed(recipe, *batch(), 3)
    assert torch.equal(one[0], other[0])
    assert torch.equal(one[1], other[1])
