"""Class weights: 1 on average over the data, as torch weighs, in every loss that takes them."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from nasfer.errors import SpecError
from nasfer.training.augment.mixing import mix
from nasfer.training.losses import make_loss, smooth
from nasfer.training.recipe import Recipe
from nasfer.training.weighing import BETA, class_weights

COUNTS = (60, 30, 10)
LABELS = torch.tensor([label for label, count in enumerate(COUNTS) for _ in range(count)])
TRAIN = functional.one_hot(LABELS, 3).float()
KINDS = ("balanced", "effective")


def batch(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(6, 3, generator=generator)
    return logits, torch.rand(6, 3, generator=generator).softmax(1)


def weights(kind: str) -> torch.Tensor:
    found = class_weights(kind, TRAIN)
    assert found is not None
    return found


def test_balanced_weights_are_the_inverse_of_the_counts() -> None:
    torch.testing.assert_close(weights("balanced"), torch.tensor([100 / (3 * n) for n in COUNTS]))


def test_effective_weights_are_the_inverse_of_the_effective_numbers() -> None:
    numbers = [sum(BETA**k for k in range(n)) for n in COUNTS]  # 1 + beta + beta^2 + ...
    ratio = weights("effective")[0] / weights("effective")[2]
    assert ratio.item() == pytest.approx(numbers[2] / numbers[0], rel=1e-4)


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.integers(0, 10**6), min_size=2, max_size=8).filter(any),
    kind=st.sampled_from(KINDS),
)
def test_weights_are_1_on_average_and_rarer_classes_weigh_more(
    counts: list[int], kind: str
) -> None:
    found = class_weights(kind, torch.diag(torch.tensor(counts, dtype=torch.float64)))
    assert found is not None
    whole = torch.tensor(counts, dtype=torch.float64)
    assert float((found * whole).sum() / whole.sum()) == pytest.approx(1, rel=1e-5)
    for n, weight in zip(counts, found.tolist()):
        assert (weight == 0) == (n == 0)
        assert all(other <= weight for m, other in zip(counts, found.tolist()) if 0 < n < m)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_is_torchs(kind: str, smoothing: float) -> None:
    recipe = Recipe(class_weights=kind, label_smoothing=smoothing)  # type: ignore[arg-type]
    loss = make_loss(recipe, train_targets=TRAIN)
    logits, soft = batch()
    labels = torch.tensor([0, 2, 1, 1, 0, 2])
    for targets in (soft, functional.one_hot(labels, 3).float()):
        wanted = functional.cross_entropy(
            logits, targets, weight=weights(kind), label_smoothing=smoothing
        )
        torch.testing.assert_close(loss((logits,), targets), wanted)
    # of class numbers torch gives the weighted sum over the weights of the batch
    sums = functional.cross_entropy(
        logits, labels, weight=weights(kind), label_smoothing=smoothing, reduction="none"
    )
    torch.testing.assert_close(loss((logits,), functional.one_hot(labels, 3).float()), sums.mean())


def test_the_focal_loss_is_weighed_likewise() -> None:
    (logits, targets), weight = batch(), weights("balanced")
    recipe = Recipe(class_weights="balanced", focal_gamma=2.0, label_smoothing=0.1)
    log_p = logits.log_softmax(1)
    terms = weight * smooth(targets, 0.1) * (1 - log_p.exp()) ** 2 * -log_p
    loss = make_loss(recipe, train_targets=TRAIN)((logits,), targets)
    torch.testing.assert_close(loss, terms.sum(1).mean())
    near = Recipe(class_weights="balanced", focal_gamma=1e-9)
    plain = make_loss(Recipe(class_weights="balanced"), train_targets=TRAIN)
    torch.testing.assert_close(
        make_loss(near, train_targets=TRAIN)((logits,), targets), plain((logits,), targets)
    )


def test_mixed_targets_lie_between_those_that_are_mixed() -> None:
    recipe = Recipe(class_weights="balanced", mixup=1.0)
    logits, targets = batch()
    images = torch.rand(6, 1, 4, 4)
    _, mixed = mix(images, targets, recipe, torch.Generator().manual_seed(3))
    share = ((mixed[1] - targets[0]) / (targets[1] - targets[0]))[0]
    loss = make_loss(recipe, train_targets=TRAIN)
    wanted = share * loss((logits,), targets) + (1 - share) * loss((logits,), targets.roll(1, 0))
    torch.testing.assert_close(loss((logits,), mixed), wanted)


def test_of_balanced_data_nothing_is_weighed() -> None:
    logits, targets = batch()
    even = torch.eye(3).repeat(5, 1)
    for kind in KINDS:
        recipe = Recipe(class_weights=kind)  # type: ignore[arg-type]
        torch.testing.assert_close(
            make_loss(recipe, train_targets=even)((logits,), targets),
            make_loss(Recipe())((logits,), targets),
        )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"class_weights": "balancd"}, "'none', 'balanced' or 'effective'"),
        ({"class_weights": "balanced", "balanced_sampling": "true"}, "balanced_sampling does the"),
        ({"class_weights": "effective", "loss": "ldl"}, "class_weights: loss ldl has none"),
    ],
)
def test_what_does_not_go_together_is_one_line(options: dict[str, str], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        Recipe().with_options(options)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_weights_need_the_training_images() -> None:
    with pytest.raises(SpecError, match="class_weights: balanced needs the training images"):
        make_loss(Recipe(class_weights="balanced"))
