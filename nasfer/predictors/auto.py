"""``auto``: the kind of model that the examples themselves choose, by cross-validation."""

from __future__ import annotations

import numpy as np

from nasfer.predictors._base import PREDICTORS, Model, register_predictor
from nasfer.predictors.examples import Examples
from nasfer.predictors.folds import predict_folds
from nasfer.predictors.ranks import kendall

CHOICES = ("gp", "ridge", "forest")
"""In the order of preference."""

FOLDS = 5

MARGIN = 0.02
"""How much larger a later choice's tau must be; less is chance."""


@register_predictor(None)
def auto(examples: Examples, seed: int) -> Model:
    """The best of gp, ridge and forest by cross-validation within what is learnt from."""
    best, best_tau = "", -2.0
    for name in CHOICES:
        held_out = predict_folds(examples, name, folds=FOLDS, seed=seed)
        tau = kendall(held_out, examples.accuracies)
        tau = -1.0 if np.isnan(tau) else tau
        if tau > best_tau + (MARGIN if best else 0.0):
            best, best_tau = name, tau
    return PREDICTORS.get(best).fit(examples, seed)
