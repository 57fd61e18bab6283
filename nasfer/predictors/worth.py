"""What each block is worth to an additive predictor: the terms of an exact search."""

from __future__ import annotations

from nasfer.arch import Arch
from nasfer.errors import PredictorError
from nasfer.features import FactReader, feature_values
from nasfer.predictors.predictor import Predictor
from nasfer.predictors.ridge import RidgeModel


def block_worths(predictor: Predictor, arch: Arch) -> tuple[float, tuple[float, ...]]:
    """Return the accuracy of nothing, and what each block and the head add to it, in percent.

    Together they are the predicted mean. What a block adds depends on its fields and on the shape
    before it alone, so the best chain can be found exactly.

    Args:
        predictor: of kind ``ridge``.
        arch: at the size of images of the predictor.
    Raises:
        PredictorError: the predictor is of another kind.
        SpecError: the images are too small for the network.
    """
    model = predictor.model
    if not isinstance(model, RidgeModel):
        raise PredictorError(f"`predictor`: {model.kind} is no sum over blocks; ridge is one")
    facts = FactReader(predictor.about.resolution).read_blocks(arch)
    worths = feature_values(facts, model.features) @ model.slopes
    return model.intercept, tuple(float(worth) for worth in worths)
