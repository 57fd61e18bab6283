"""How good are probabilities? Accuracy, its mean over classes, F1, calibration, confusion.

Everything inside is a fraction of 1; percent are for printing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nasfer.errors import DataError
from nasfer.inference.chance import nothing_learnt
from nasfer.overview import Overview, Overviewed
from nasfer.packages import needs

if TYPE_CHECKING:
    from torch import Tensor

NUMBERS = ("accuracy", "mean_class_accuracy", "macro_f1", "ece", "nll", "count")
"""Figures of a split that are one number each."""

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
        precision: part of the images predicted so that are so; 0 where none is predicted so.
        recall: part of its images that are predicted so, its accuracy; 0 where it has none.
        f1: harmonic mean of the two.
        support: number of its images.
    """

    name: str
    precision: float
    recall: float
    f1: float
    support: int

    def row(self) -> dict[str, Any]:
        """Return the scores by name, the class's own name under ``class``: a line of a table."""
        scores = {name: getattr(self, name) for name in ("precision", "recall", "f1", "support")}
        return {"class": self.name, **scores}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> ClassScores:
        """Return what `row` gave."""
        shares = {name: float(row[name]) for name in ("precision", "recall", "f1")}
        return cls(str(row["class"]), **shares, support=int(row["support"]))


@dataclass(frozen=True, slots=True, repr=False)
class Metrics(Overviewed):
    """How good a network is on one split; all but counts are fractions.

    Args:
        accuracy: part of the images whose most likely class is the true one.
        mean_class_accuracy: mean of the recalls of the classes that the split has images of
            (scikit-learn's ``balanced_accuracy_score``).
        macro_f1: mean of their F1 (scikit-learn's with ``labels`` those that are there).
        ece: expected calibration error, 15 bins of equal width.
        nll: mean of ``-log`` of the true class's probability, in nats.
        count: number of images.
        confusion: images by true class (rows) and predicted class (columns).
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

    @property
    def sentence(self) -> str:
        """The figures in one line."""
        return (
            f"accuracy {self.accuracy:.2%}, mean class {self.mean_class_accuracy:.2%}, macro-F1"
            f" {self.macro_f1:.2%}, ECE {self.ece:.2%}, {self.count:,} images"
        )

    def overview(self) -> Overview:
        """Return the figures in short, and those of each class."""
        return Overview(f"Metrics: {self.sentence}", rows=[
            {"class": one.name, "recall": f"{one.recall:.2%}", "images": one.support}
            for one in self.per_class
        ])  # fmt: skip

    @property
    def warning(self) -> str | None:
        """A plain line where the network has learnt nothing, see `nasfer.inference.chance`."""
        return nothing_learnt(self.confusion, self.class_names)

    def row(self) -> dict[str, Any]:
        """Return the plain numbers: one row of a table of runs."""
        return {name: getattr(self, name) for name in NUMBERS}

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain data, as every record of nasfer holds it."""
        return {
            **self.row(),
            "class_names": list(self.class_names),
            "confusion": [list(row) for row in self.confusion],
            "per_class": [scores.row() for scores in self.per_class],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Metrics:
        """Return what `to_dict` gave; a record without ``per_class`` has it in its confusion.

        Raises:
            KeyError: a figure is missing.
            TypeError, ValueError: one is no number.
        Example:
            >>> import torch
            >>> found = measure(torch.eye(2), torch.eye(2), ("fear", "anger"))
            >>> Metrics.from_dict(found.to_dict()) == found
            True
        """
        names = tuple(map(str, data["class_names"]))
        confusion = tuple(tuple(map(int, row)) for row in data["confusion"])
        if "per_class" in data:
            scores = tuple(ClassScores.from_row(row) for row in data["per_class"])
        else:
            scores = class_scores(confusion, names)
        shares = {name: float(data[name]) for name in NUMBERS if name != "count"}
        return cls(
            **shares,
            count=int(data["count"]),
            confusion=confusion,
            class_names=names,
            per_class=scores,
        )


def measure(probabilities: Tensor, targets: Tensor, class_names: tuple[str, ...]) -> Metrics:
    """Compare probabilities with what is true.

    The true class of an image is the most likely one of its target, the predicted class the most
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
        >>> predicted = torch.tensor([[0.8, 0.2, 0.0], [0.6, 0.4, 0.0], [0.1, 0.9, 0.0]])
        >>> true = torch.eye(3)[[0, 1, 1]]
        >>> found = measure(predicted, true, ("neutral", "happiness", "sadness"))
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
    with needs("train"):  # a second to import: only to measure
        from sklearn.metrics import confusion_matrix

    true = targets.argmax(1).cpu().numpy()
    predicted = found.argmax(1)
    table = confusion_matrix(true, predicted, labels=range(len(class_names)))
    scores = class_scores(table.tolist(), class_names)
    there = [row for row in scores if row.support]
    likely = np.maximum(found[np.arange(len(true)), true], LEAST_PROBABILITY)
    return Metrics(
        accuracy=float((predicted == true).mean()),
        mean_class_accuracy=float(np.mean([row.recall for row in there])),
        macro_f1=float(np.mean([row.f1 for row in there])),
        ece=calibration_error(found.max(1), predicted == true),
        nll=float(-np.log(likely).mean()),
        count=len(true),
        confusion=tuple(tuple(int(count) for count in row) for row in table),
        class_names=tuple(class_names),
        per_class=scores,
    )


def class_scores(
    confusion: Sequence[Sequence[int]], class_names: Sequence[str]
) -> tuple[ClassScores, ...]:
    """Return how each class fares, from the confusion matrix alone.

    Args:
        confusion: images by true class (rows) and predicted class (columns).
        class_names: of rows and columns.
    Source: scikit-learn, each cell of the matrix weighted by its images.
    Example:
        >>> fear, anger = class_scores([[3, 1], [0, 4]], ["fear", "anger"])
        >>> fear.precision, fear.recall, fear.support
        (1.0, 0.75, 4)
    """
    with needs("train"):
        from sklearn.metrics import precision_recall_fscore_support

    counts = np.asarray(confusion)
    true, predicted = np.indices(counts.shape)
    columns = precision_recall_fscore_support(
        true.ravel(), predicted.ravel(), sample_weight=counts.ravel(),
        labels=range(len(class_names)), average=None, zero_division=0.0,
    )  # fmt: skip
    return tuple(
        ClassScores(name, float(precision), float(recall), float(f1), int(support))
        for name, precision, recall, f1, support in zip(class_names, *columns)
    )


def calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = ECE_BINS) -> float:
    """Return the expected calibration error: how far confidence is from accuracy, bin by bin.

    Bin ``b`` holds the confidences in ``(b / bins, (b + 1) / bins]``; the gaps between its mean
    confidence and its accuracy are weighted by its part of the images.

    Args:
        confidence: ``(N,)``, probability of the predicted class.
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
