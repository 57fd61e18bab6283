"""How good are probabilities? Accuracy, its mean over classes, F1, calibration, confusion.

Everything inside is a fraction of 1; percent are for printing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from nasfer.errors import DataError
from nasfer.packages import needs

with needs("train"):
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

ECE_BINS = 15
"""Bins of equal width of the calibration error, as in Guo et al., ICML 2017."""

LEAST_PROBABILITY = float(np.finfo(np.float32).tiny)
"""Probabilities of the true class below this count as this, or a float32 zero made nll infinite."""

SUM_TOLERANCE = 1e-3
"""Rows of probabilities add up to 1 within this: float32, and half precision before a softmax."""


@dataclass(frozen=True, slots=True)
class ClassScores:
    """How one class fares.

    Args:
        name: of the class.
        precision: part of the images called so that are so; 0 where none is called so.
        recall: part of its images that are called so, its accuracy; 0 where it has none.
        f1: harmonic mean of the two.
        support: number of its images.
    """

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Metrics:
    """How good a network is on one split; all but counts are fractions.

    Args:
        accuracy: part of the images whose most likely class is the true one.
        mean_class_accuracy: mean of the recalls of the classes that the split has images of
            (scikit-learn's ``balanced_accuracy_score``).
        macro_f1: mean of their F1 (scikit-learn's with ``labels`` those that are there).
        ece: expected calibration error, 15 bins of equal width.
        nll: mean of ``-log`` of the true class's probability, in nats.
        count: number of images.
        confusion: images by true class (rows) and called class (columns).
        class_names: of rows and columns.
        per_class: one row a class, those without images too.
    """

    accuracy: float
    mean_class_accuracy: float
    macro_f1: float
    ece: float
    nll: float
    count: int
    confusion: tuple[tuple[int, ...], ...]
    class_names: tuple[str, ...]
    per_class: tuple[ClassScores, ...]

    def row(self) -> dict[str, Any]:
        """Return the plain numbers: one row of a table of runs."""
        names = ("accuracy", "mean_class_accuracy", "macro_f1", "ece", "nll", "count")
        return {name: getattr(self, name) for name in names}


def measure(probabilities: Tensor, targets: Tensor, class_names: tuple[str, ...]) -> Metrics:
    """Compare probabilities with what is true.

    The true class of an image is the most likely one of its target, the called class the most
    likely one of the network; of equal ones the first. A class without images in the split is no
    part of the means over classes: it has no accuracy.

    Args:
        probabilities: ``(N, K)`` float, rows add up to 1.
        targets: ``(N, K)`` float, a distribution over the classes a row.
        class_names: of the ``K`` columns of both.
    Raises:
        DataError: the shapes differ, there is no image, or rows are no distributions.
    Source: accuracy to F1: scikit-learn; calibration: Guo et al., ICML 2017, arXiv:1706.04599.
    Example:
        >>> import torch
        >>> called = torch.tensor([[0.8, 0.2, 0.0], [0.6, 0.4, 0.0], [0.1, 0.9, 0.0]])
        >>> true = torch.eye(3)[[0, 1, 1]]
        >>> found = measure(called, true, ("neutral", "happiness", "sadness"))
        >>> round(found.accuracy, 4), found.mean_class_accuracy, found.confusion[1]
        (0.6667, 0.75, (1, 1, 0))
    """
    wanted = (len(targets), len(class_names))
    if not len(targets) or tuple(probabilities.shape) != wanted or tuple(targets.shape) != wanted:
        raise DataError(
            f"probabilities {tuple(probabilities.shape)} and targets {tuple(targets.shape)} are not"
            f" both (images, {len(class_names)} classes)"
        )
    found = probabilities.detach().double().cpu().numpy()
    if not np.allclose(found.sum(1), 1, atol=SUM_TOLERANCE) or (found < 0).any():
        raise DataError("probabilities: a row does not add up to 1; softmax first, no NaN")
    true = targets.argmax(1).cpu().numpy()
    called = found.argmax(1)

    labels = list(range(len(class_names)))
    precision, recall, f1, support = precision_recall_fscore_support(
        true, called, labels=labels, average=None, zero_division=0.0
    )
    there = support > 0
    table = confusion_matrix(true, called, labels=labels)
    likely = np.maximum(found[np.arange(len(true)), true], LEAST_PROBABILITY)
    return Metrics(
        accuracy=float((called == true).mean()),
        mean_class_accuracy=float(recall[there].mean()),
        macro_f1=float(f1[there].mean()),
        ece=calibration_error(found.max(1), called == true),
        nll=float(-np.log(likely).mean()),
        count=len(true),
        confusion=tuple(tuple(int(count) for count in row) for row in table),
        class_names=tuple(class_names),
        per_class=tuple(
            ClassScores(name, float(p), float(r), float(f), int(n))
            for name, p, r, f, n in zip(class_names, precision, recall, f1, support)
        ),
    )


def calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = ECE_BINS) -> float:
    """Return the expected calibration error: how far confidence is from accuracy, bin by bin.

    Bin ``b`` holds the confidences in ``(b / bins, (b + 1) / bins]``; the gaps between its mean
    confidence and its accuracy are weighted by its part of the images.

    Args:
        confidence: ``(N,)``, probability of the called class.
        right: ``(N,)`` bool, whether it is the true one.
    Returns:
        From 0, calibrated, to 1.
    Example:
        >>> calibration_error(np.array([0.9, 0.9]), np.array([True, False]))
        0.4
    """
    places = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gaps = np.bincount(places, weights=confidence - right, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))
