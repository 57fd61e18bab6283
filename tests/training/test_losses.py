"""Losses against naive sums over images and classes."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional

from nasfer.errors import SpecError
from nasfer.training.losses import make_loss
from nasfer.training.recipe import Recipe


def batch(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(5, 7, generator=generator)
    return logits, torch.rand(5, 7, generator=generator).softmax(1)


def naive(logits: torch.Tensor, targets: torch.Tensor, *, gamma: float = 0.0) -> list[float]:
    """Return -t (1 - p)^gamma log p of each image and class."""
    terms = []
    for row, wanted in zip(logits.tolist(), targets.tolist()):
        whole = sum(math.exp(z) for z in row)
        for z, t in zip(row, wanted):
            p = math.exp(z) / whole
            terms.append(-t * (1 - p) ** gamma * math.log(p))
    return terms


def test_soft_cross_entropy_is_the_mean_over_images() -> None:
    logits, targets = batch()
    loss = make_loss(Recipe())((logits,), targets)
    assert loss.item() == pytest.approx(sum(naive(logits, targets)) / 5, rel=1e-5)


def test_hard_targets_are_ordinary_cross_entropy_with_smoothing() -> None:
    logits, labels = batch()[0], torch.tensor([0, 6, 2, 2, 1])
    loss = make_loss(Recipe(label_smoothing=0.1))((logits,), functional.one_hot(labels, 7).float())
    torch.testing.assert_close(loss, functional.cross_entropy(logits, labels, label_smoothing=0.1))


def test_label_distribution_loss_is_the_mean_over_all_entries() -> None:
    logits, targets = batch()
    loss = make_loss(Recipe(loss="ldl", teacher="t.safetensors"))((logits,), targets)
    assert loss.item() == pytest.approx(sum(naive(logits, targets)) / 35, rel=1e-5)


def test_label_distribution_learning_needs_a_teacher() -> None:
    with pytest.raises(SpecError, match="teacher: loss ldl needs"):
        make_loss(Recipe(loss="ldl"))


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_focal_loss_is_its_formula(gamma: float) -> None:
    logits, targets = batch()
    loss = make_loss(Recipe(focal_gamma=gamma))((logits,), targets)
    assert loss.item() == pytest.approx(sum(naive(logits, targets, gamma=gamma)) / 5, rel=1e-5)


def test_focal_loss_tends_to_cross_entropy_with_the_same_smoothing() -> None:
    logits, targets = batch()
    focal = make_loss(Recipe(focal_gamma=1e-9, label_smoothing=0.2))((logits,), targets)
    torch.testing.assert_close(focal, make_loss(Recipe(label_smoothing=0.2))((logits,), targets))


def test_focal_loss_of_a_sure_network_has_a_finite_gradient() -> None:
    logits = torch.tensor([[100.0, 0.0]], requires_grad=True)
    make_loss(Recipe(focal_gamma=0.5))((logits,), torch.tensor([[1.0, 0.0]])).backward()
    assert torch.isfinite(logits.grad).all()


def test_branches_are_weighted_and_counted() -> None:
    (first, targets), (second, _) = batch(0), batch(1)
    plain = make_loss(Recipe())
    both = make_loss(Recipe(), output_weights=(0.25, 0.75))
    wanted = 0.25 * plain((first,), targets) + 0.75 * plain((second,), targets)
    torch.testing.assert_close(both((first, second), targets), wanted)
    with pytest.raises(ValueError, match="zip"):
        both((first,), targets)


def test_half_precision_is_computed_in_float32() -> None:
    logits, targets = batch()
    assert make_loss(Recipe())((logits.bfloat16(),), targets).dtype == torch.float32
