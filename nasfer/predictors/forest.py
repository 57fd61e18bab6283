"""``forest``: a random forest; no extrapolation, no smoothness, no scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nasfer.features import Feature
from nasfer.packages import needs
from nasfer.predictors._base import Model, register_predictor
from nasfer.predictors.examples import Examples
from nasfer.predictors.forms import checked_forest
from nasfer.predictors.scaling import telling_columns

TREES = 100
LEAF = -1
"""In the place of a feature's column: the node is a leaf."""


@dataclass(frozen=True)
class Trees:
    """Regression trees, one after the other in flat lists.

    Args:
        roots: ``(trees,)`` node of each root.
        feature: ``(nodes,)`` column that is compared, -1 in a leaf.
        threshold: ``(nodes,)``: a value of it and less goes left.
        left: ``(nodes,)``.
        right: ``(nodes,)``.
        value: ``(nodes,)`` percent.
    """

    roots: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray

    def leaves(self, values: np.ndarray) -> np.ndarray:
        """Return ``(n, trees)``: what each tree says, in percent."""
        compared = values.astype(np.float32)  # as scikit-learn compares
        rows = np.arange(len(values))[:, None]
        nodes = np.broadcast_to(self.roots, (len(values), len(self.roots)))
        while True:
            column = self.feature[nodes]
            inner = column != LEAF
            if not inner.any():
                leaves: np.ndarray = self.value[nodes]
                return leaves
            goes_left = compared[rows, column] <= self.threshold[nodes]
            below = np.where(goes_left, self.left[nodes], self.right[nodes])
            nodes = np.where(inner, below, nodes)


class ForestModel(Model):
    """A random forest.

    Args:
        features: that it reads.
        trees: of the forest.
        level: mean accuracy of the examples, in percent.
        spread: their deviation.
        noise: variance that trees do not show: of the error out of the bag, less the trees'.
        held_out: ``(n,)`` what trees say that have not seen the example.
    """

    kind = "forest"

    def __init__(
        self, features: tuple[Feature, ...], trees: Trees, level: float, spread: float,
        noise: float, held_out: np.ndarray,
    ) -> None:  # fmt: skip
        self.features = features
        self.trees = trees
        self.level = level
        self.spread = spread
        self.noise = noise
        self.held_out = held_out

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Return ``(n,)`` accuracies in percent."""
        mean: np.ndarray = self.trees.leaves(values).mean(axis=1)
        return mean

    def std(self, values: np.ndarray) -> np.ndarray:
        """Return ``(n,)`` deviations: between the trees, and the noise."""
        deviation: np.ndarray = np.sqrt(self.trees.leaves(values).var(axis=1) + self.noise)
        return deviation

    def doubt(self, values: np.ndarray) -> np.ndarray:
        """Return the deviation between the trees as a share of that between the examples."""
        doubt: np.ndarray = self.trees.leaves(values).std(axis=1) / self.spread
        return doubt

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        data: dict[str, Any] = {"level": self.level, "spread": self.spread, "noise": self.noise}
        return data | {name: getattr(self.trees, name).tolist() for name in Trees.__match_args__}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], features: tuple[Feature, ...]) -> ForestModel:
        """Return the model of such data."""
        form = checked_forest(data, len(features))
        trees = Trees(*(np.array(form[name]) for name in Trees.__match_args__))
        return cls(features, trees, form["level"], form["spread"], form["noise"], np.zeros(0))


@register_predictor(ForestModel)
def forest(examples: Examples, seed: int) -> ForestModel:
    """A random forest of 100 trees on all features; its spread is that between the trees."""
    with needs("learn"):
        from sklearn.ensemble import RandomForestRegressor

    kept = examples.columns(telling_columns(examples.values))
    model = RandomForestRegressor(TREES, max_features=1 / 3, random_state=seed, n_jobs=1)
    model.fit(kept.values, kept.accuracies)
    trees = _flat([estimator.tree_ for estimator in model.estimators_])
    said = trees.leaves(kept.values)
    seen = np.zeros_like(said, dtype=bool)
    for index, drawn in enumerate(model.estimators_samples_):
        seen[drawn, index] = True
    count = np.maximum(1, (~seen).sum(axis=1))
    level, spread = float(kept.accuracies.mean()), float(kept.accuracies.std())
    unseen = np.where(seen, 0, said)
    held_out = np.where(seen.all(axis=1), level, unseen.sum(axis=1) / count)
    between = (np.where(seen, 0, (said - held_out[:, None]) ** 2).sum(axis=1) / count).mean()
    error = float(((held_out - kept.accuracies) ** 2).mean())
    noise = max(0.0, error - float(between))
    return ForestModel(kept.features, trees, level, spread, noise, held_out)


def _flat(trees: list[Any]) -> Trees:
    """Join scikit-learn's trees."""
    offsets = np.cumsum([0, *(tree.node_count for tree in trees)])[:-1]
    inner = [tree.children_left >= 0 for tree in trees]

    def joined(name: str, shift: bool) -> np.ndarray:
        parts = (getattr(tree, name) + (offset if shift else 0)
                 for tree, offset in zip(trees, offsets))  # fmt: skip
        whole: np.ndarray = np.concatenate(list(parts))
        return whole

    is_inner = np.concatenate(inner)
    nodes = np.arange(len(is_inner))
    return Trees(
        offsets,
        np.where(is_inner, joined("feature", False), LEAF),
        np.where(is_inner, joined("threshold", False), 0.0),
        np.where(is_inner, joined("children_left", True), nodes),
        np.where(is_inner, joined("children_right", True), nodes),
        np.concatenate([tree.value[:, 0, 0] for tree in trees]),
    )
