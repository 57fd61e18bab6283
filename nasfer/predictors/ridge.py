"""``ridge``: linear in features that are sums over blocks, so that each block has its own worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nasfer.features import Feature
from nasfer.predictors._base import register_predictor
from nasfer.predictors.blend import Blend, fit_blend
from nasfer.predictors.examples import Examples
from nasfer.predictors.forms import checked_blend
from nasfer.predictors.gp import GaussianModel

SETS = (
    ("aggregates",), ("aggregates", "sums"),
    ("aggregates", "kinds"), ("aggregates", "sums", "kinds"),
)  # fmt: skip
"""Groups of features that ridge regressions are fitted on; of each group the additive ones."""


class RidgeModel(GaussianModel):
    """A blend of ridge regressions: ``intercept + values @ slopes``, with the posterior's spread.

    Args:
        features: that it reads, all sums over blocks.
        blend: of processes without a smooth part.
    """

    kind = "ridge"

    def __init__(self, features: tuple[Feature, ...], blend: Blend) -> None:
        super().__init__(features, blend)
        slopes = np.zeros(len(features))
        for share, process in zip(blend.shares, blend.processes):
            for weight, group in zip(process.kernel.linear, process.groups):
                columns = list(group)
                products = process.inputs[:, columns].T @ process.weights
                slopes[columns] += share * np.exp(weight) * products / len(columns)
        self.slopes = blend.spread * slopes / blend.scaling.scale
        """``(d,)`` percent that one more of a feature adds."""
        self.intercept = float(blend.level - blend.scaling.centre @ self.slopes)
        """Percent of a network of which every feature is 0."""

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Return ``(n,)`` accuracies in percent."""
        mean: np.ndarray = self.intercept + values @ self.slopes
        return mean

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], features: tuple[Feature, ...]) -> RidgeModel:
        """Return the model of such data."""
        checked = checked_blend(data, len(features))
        if any(one["smooth"] is not None for one in checked["processes"]):
            raise ValueError("model.processes: a smooth part, which ridge has not")
        return cls(features, Blend.from_dict(checked))


@register_predictor(RidgeModel)
def ridge(examples: Examples, seed: int) -> RidgeModel:
    """Ridge regression on sums over blocks: what each adds can be told, and searched exactly."""
    additive = [index for index, feature in enumerate(examples.features) if feature.additive]
    return RidgeModel(*fit_blend(examples.columns(additive), SETS, smooth=False, seed=seed))
