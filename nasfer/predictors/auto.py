"""``auto``: the kind of model that the examples themselves choose, by cross-validation."""

from __future__ import annotations

import numpy as np

from nasfer.pools.agreement import kendall
from nasfer.predictors._base import PREDICTORS, Model, register_predictor
from nasfer.predictors.examples import Examples
from nasfer.predictors.folds import predict_folds

CHOICES = ("gp", "ridge", "forest")
"""In the order of preference."""

FOLDS = 5

PARTITIONS = 3
"""Ways to cut a small pool into folds: by a single one the choice is a matter of luck."""

SMALL = 100
"""Fewer examples than these are a small pool; of more, one partition tells enough."""

MARGIN = 0.02
"""How much larger a later choice's tau must be; less is chance."""


@register_predictor(None)
def auto(examples: Examples, seed: int) -> Model:
    """The best of gp, ridge and forest by cross-validation within what is learnt from."""
    best, best_tau = "", -2.0
    for name in CHOICES:
        held_out = _held_out(examples, name, seed)
        taus = np.array([kendall(predicted, examples.accuracies) for predicted in held_out])
        tau = float(np.nan_to_num(taus, nan=-1.0).mean())  # all equal: no order
        if tau > best_tau + (MARGIN if best else 0.0):
            best, best_tau = name, tau
    return PREDICTORS.get(best).fit(examples, seed)


def _held_out(examples: Examples, kind: str, seed: int) -> list[np.ndarray]:
    """Return each accuracy by models that have not seen it; a forest's trees leave many out."""
    if kind == "forest":
        return [PREDICTORS.get(kind).fit(examples, seed).held_out]
    partitions = PARTITIONS if len(examples) < SMALL else 1
    return [
        predict_folds(examples, kind, folds=FOLDS, seed=seed + part) for part in range(partitions)
    ]
