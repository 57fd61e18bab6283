"""Nothing learnt: one predicted class, or an accuracy that luck explains."""

from __future__ import annotations

import math

import pytest
import torch

from nasfer.inference.chance import beats_majority, majority_share, nothing_learnt
from nasfer.inference.metrics import measure

NAMES = ("fear", "anger", "joy")


def test_one_predicted_class_is_named() -> None:
    line = nothing_learnt([[0, 50, 0], [0, 50, 0], [0, 40, 0]], NAMES)
    assert line == "nothing learnt: all 140 faces are predicted to be anger"


def test_the_bound_is_two_standard_errors_over_the_majority() -> None:
    bound = 0.25 + 2 * math.sqrt(0.25 * 0.75 / 700)
    assert beats_majority(bound + 1e-6, 0.25, 700)
    assert not beats_majority(bound, 0.25, 700)


@pytest.mark.parametrize(("right", "warns"), [(52, True), (58, True), (62, False), (90, False)])
def test_accuracy_that_luck_explains_is_warned_of(right: int, warns: bool) -> None:
    confusion = [[right // 2, 50 - right // 2], [50 - right // 2, right // 2]]
    line = nothing_learnt(confusion, NAMES[:2])
    assert (line is not None) is warns
    assert line is None or f"accuracy {right}.0% on 100 faces is not 10.0%" in line


def test_the_majority_is_of_true_classes() -> None:
    assert majority_share([[1, 5], [2, 2]]) == 0.6


def test_of_one_class_nothing_is_said() -> None:
    assert nothing_learnt([[9, 0], [0, 0]], NAMES[:2]) is None


def test_metrics_and_a_list_of_lists_say_the_same() -> None:
    targets = torch.eye(3).repeat(4, 1)
    found = measure(torch.eye(3)[[0] * 12], targets, NAMES)
    assert found.warning == "nothing learnt: all 12 faces are predicted to be fear"
    assert measure(targets, targets, NAMES).warning is None
