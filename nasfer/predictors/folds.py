"""Predictions of networks that were not learnt from: leave one out, or folds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nasfer.predictors._base import PREDICTORS, Model
from nasfer.predictors.examples import Examples


def predict_folds(
    examples: Examples,
    kind: str,
    *,
    folds: int,
    seed: int,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> np.ndarray:
    """Return ``(n,)`` accuracies in percent, each by a model that has not seen its network.

    Args:
        examples: to predict and to learn from.
        kind: of model, a registered name.
        folds: parts that are left out in turn; as many as there are examples: leave one out.
        seed: of the parts, and of the models.
        watch: called with the folds done, and all.
    """
    count = len(examples)
    folds = min(folds, count)
    part = np.empty(count, dtype=int)
    part[np.random.default_rng(seed).permutation(count)] = np.arange(count) % folds
    predicted = np.empty(count)
    for fold in range(folds):
        left, kept = np.flatnonzero(part == fold), np.flatnonzero(part != fold)
        predicted[left] = fitted_mean(examples.rows(kept), examples.values[left], kind, seed)
        watch(fold + 1, folds)
    return predicted


def fitted_mean(examples: Examples, values: np.ndarray, kind: str, seed: int) -> np.ndarray:
    """Learn from examples and predict networks by ``(m, d)`` features in the examples' order.

    Where the examples are all equal, that is what is predicted.
    """
    if np.ptp(examples.accuracies) == 0:
        return np.full(len(values), examples.accuracies[0])
    model = PREDICTORS.get(kind).fit(examples, seed)
    return model.mean(values[:, columns_of(model, examples)])


def columns_of(model: Model, examples: Examples) -> list[int]:
    """Return the columns of the examples that a model reads, in its order."""
    place = {feature.name: index for index, feature in enumerate(examples.features)}
    return [place[feature.name] for feature in model.features]
