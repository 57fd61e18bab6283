"""Metrics equal scikit-learn's and naive ones, with classes missing from the split too."""

from __future__ import annotations

import math

import pytest
import torch
from sklearn import metrics as reference
from torch import Tensor

from nasfer.data import EXPRESSIONS
from nasfer.errors import DataError
from nasfer.inference.metrics import Metrics, measure


def drawn(seed: int, classes: int, there: int, images: int = 200) -> tuple[Tensor, Tensor]:
    """Return probabilities of all classes and one-hot targets of the first ``there`` ones."""
    torch.manual_seed(seed)
    labels = torch.randint(there, (images,))
    logits = 2 * torch.randn(images, classes).double() + 2 * torch.eye(classes)[labels]
    return logits.softmax(1), torch.eye(classes)[labels]


def measured(probabilities: Tensor, targets: Tensor) -> Metrics:
    return measure(probabilities, targets, EXPRESSIONS[: targets.shape[1]])


@pytest.mark.parametrize(("classes", "there"), [(7, 7), (8, 8), (8, 5), (7, 1)])
@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
def test_metrics_equal_scikit_learns(classes: int, there: int) -> None:
    probabilities, targets = drawn(classes + there, classes, there)
    true, predicted = targets.argmax(1).numpy(), probabilities.argmax(1).numpy()
    found = measured(probabilities, targets)
    present = sorted(set(true.tolist()))
    assert found.count == 200
    assert found.accuracy == pytest.approx(reference.accuracy_score(true, predicted))
    assert found.mean_class_accuracy == pytest.approx(
        reference.balanced_accuracy_score(true, predicted)
    )
    assert found.macro_f1 == pytest.approx(
        reference.f1_score(true, predicted, labels=present, average="macro")
    )
    assert found.nll == pytest.approx(
        reference.log_loss(true, probabilities, labels=range(classes))
    )
    table = reference.confusion_matrix(true, predicted, labels=range(classes))
    assert found.confusion == tuple(map(tuple, table.tolist()))
    assert [row.support for row in found.per_class] == table.sum(1).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_calibration_error_is_the_weighted_gap_of_fifteen_bins(seed: int) -> None:
    probabilities, targets = drawn(seed, 7, 7)
    error = 0.0
    for low in range(15):
        inside = [
            (max(row), row.index(max(row)) == true)
            for row, true in zip(probabilities.tolist(), targets.argmax(1).tolist())
            if low / 15 < max(row) <= (low + 1) / 15
        ]
        if inside:
            confidence = sum(part for part, _ in inside) / len(inside)
            accuracy = sum(right for _, right in inside) / len(inside)
            error += abs(confidence - accuracy) * len(inside) / 200
    assert measured(probabilities, targets).ece == pytest.approx(error)


def test_the_true_class_of_a_soft_target_is_its_most_likely_one() -> None:
    probabilities = torch.tensor([[0.1, 0.2, 0.7]])
    assert measured(probabilities, torch.tensor([[0.2, 0.3, 0.5]])).accuracy == 1
    assert measured(probabilities, torch.tensor([[0.4, 0.4, 0.2]])).confusion[0] == (0, 0, 1)


def test_certain_and_wrong_is_bad_but_finite() -> None:
    found = measured(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]]))
    assert found.ece == 1
    assert math.isfinite(found.nll)


def test_rows_hold_plain_numbers() -> None:
    row = measured(*drawn(0, 7, 7)).row()
    assert {type(value) for value in row.values()} == {float, int}


@pytest.mark.parametrize(
    ("probabilities", "targets", "message"),
    [
        (torch.eye(3), torch.eye(2), "are not both"),
        (torch.zeros(0, 3), torch.zeros(0, 3), "are not both"),
        (torch.randn(3, 3), torch.eye(3), "softmax first"),
        (torch.full((3, 3), torch.nan), torch.eye(3), "no NaN"),
    ],
)
def test_what_is_no_distribution_is_refused(
    probabilities: Tensor, targets: Tensor, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        measure(probabilities, targets, EXPRESSIONS[:3])
