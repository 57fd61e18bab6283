"""What a learnt model is, and the table of the kinds that there are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nasfer.features import Feature
from nasfer.predictors.examples import Examples
from nasfer.registry import Registry


class Model(ABC):
    """From features to accuracy; a subclass is one kind of model.

    Attributes:
        kind: registry key.
        features: that it reads, in the order of the columns.
        held_out: ``(n,)`` accuracies of its examples as predicted without each, in percent; empty
            once it was saved and read again.
    """

    kind: ClassVar[str]
    features: tuple[Feature, ...]
    held_out: np.ndarray

    @abstractmethod
    def mean(self, values: np.ndarray) -> np.ndarray:
        """Return ``(n,)`` accuracies in percent of ``(n, d)`` features."""

    @abstractmethod
    def std(self, values: np.ndarray) -> np.ndarray:
        """Return ``(n,)`` deviations in percent: how far a network's accuracy may lie off.

        What seeds change is in it only where the examples do not tell it apart.
        """

    @abstractmethod
    def doubt(self, values: np.ndarray) -> np.ndarray:
        """Return ``(n,)`` shares of what was unknown before the examples and still is; 1 is all."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Return plain data from which `from_dict` makes a model that predicts the same."""

    @classmethod
    @abstractmethod
    def from_dict(cls, data: Mapping[str, Any], features: tuple[Feature, ...]) -> Model:
        """Return the model of such data; it may raise `ValueError` where they are no such ones."""


Fit = Callable[[Examples, int], Model]
"""Examples, at most `MOST` of them, and a seed to a model."""


@dataclass(frozen=True, slots=True)
class PredictorKind:
    """A kind of model.

    Args:
        name: registry key.
        fit: learns it.
        model: what it makes; ``None`` where it chooses among other kinds.
        summary: one line for tables.
    """

    name: str
    fit: Fit
    model: type[Model] | None
    summary: str


PREDICTORS: Registry[PredictorKind] = Registry("predictor", entry_points="nasfer.predictors")
"""Every kind of predictor; outside ones come by the entry point ``nasfer.predictors``."""


def register_predictor(model: type[Model] | None, *, name: str = "") -> Callable[[Fit], Fit]:
    """Decorator: make ``(examples, seed) -> model`` known, under the model's kind.

    Raises:
        DuplicateNameError: the name is taken.
    """

    def register(function: Fit) -> Fit:
        key = name or (model.kind if model else function.__name__)
        summary = (function.__doc__ or key).strip().splitlines()[0]
        PREDICTORS.add(key, PredictorKind(key, function, model, summary))
        return function

    return register
