"""``gp``: a Gaussian process on features of the whole network, of map sizes and of places."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np

from nasfer.features import Feature
from nasfer.predictors._base import Model, register_predictor
from nasfer.predictors.blend import Blend, fit_blend
from nasfer.predictors.examples import Examples
from nasfer.predictors.forms import checked_blend

_BASE = (("aggregates",), ("aggregates", "sizes"), ("aggregates", "places"))
_ALL = (*_BASE, ("aggregates", "sizes", "places"))
SETS = tuple(chain(_ALL, ((*groups, "kinds") for groups in _ALL)))
"""Groups of features that processes are fitted on."""


class GaussianModel(Model):
    """A blend of Gaussian processes.

    Args:
        features: that it reads.
        blend: of the processes.
    """

    kind = "gp"

    def __init__(self, features: tuple[Feature, ...], blend: Blend) -> None:
        self.features = features
        self.blend = blend

    @property
    def held_out(self) -> np.ndarray:  # type: ignore[override]
        """Closed form of leaving one out."""
        return self.blend.held_out

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Return ``(n,)`` accuracies in percent."""
        return self.blend.mean(values)

    def std(self, values: np.ndarray) -> np.ndarray:
        """Return ``(n,)`` deviations: of the posterior, of the noise and between the processes."""
        return self.blend.std(values)

    def doubt(self, values: np.ndarray) -> np.ndarray:
        """Return the posterior's deviation as a share of the prior's."""
        return self.blend.doubt(values)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return self.blend.to_dict()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], features: tuple[Feature, ...]) -> GaussianModel:
        """Return the model of such data."""
        return cls(features, Blend.from_dict(checked_blend(data, len(features))))


@register_predictor(GaussianModel)
def gp(examples: Examples, seed: int) -> GaussianModel:
    """Gaussian processes, smooth and linear, on several sets of features, blended."""
    return GaussianModel(*fit_blend(examples, SETS, smooth=True, seed=seed))
