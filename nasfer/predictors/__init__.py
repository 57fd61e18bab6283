"""Accuracy predicted from features of the architecture, learnt from a pool of trained networks."""

from nasfer.predictors import auto as _auto  # registers it
from nasfer.predictors import forest as _forest
from nasfer.predictors import gp as _gp
from nasfer.predictors import ridge as _ridge
from nasfer.predictors._base import PREDICTORS, Model, register_predictor
from nasfer.predictors.examples import Examples, check_pool, examples_of
from nasfer.predictors.files import load_predictor, save_predictor
from nasfer.predictors.predictor import FAR, About, Predictor, fit
from nasfer.predictors.worth import block_worths

__all__ = [
    "FAR", "PREDICTORS", "About", "Examples", "Model", "Predictor", "block_worths", "check_pool",
    "examples_of", "fit", "load_predictor", "register_predictor", "save_predictor",
]  # fmt: skip
