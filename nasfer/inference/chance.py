"""Is a network better than one that always says the commonest class? And the words if it is not."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

Confusion = Sequence[Sequence[int]]
"""Images by true class (rows) and predicted class (columns)."""

ERRORS = 2.0
"""So many standard errors are taken as more than luck."""


def standard_error(share: float, count: int) -> float:
    """Return the standard error of a share of ``count`` images.

    Example:
        >>> round(standard_error(0.25, 700), 4)
        0.0164
    """
    return sqrt(share * (1 - share) / count)


def beats_majority(accuracy: float, majority: float, count: int) -> bool:
    """Tell whether an accuracy is more than two standard errors above the majority share.

    Args:
        accuracy: share of the images that were right.
        majority: share of the commonest class.
        count: number of images.
    Example:
        >>> beats_majority(0.28, 0.25, 700), beats_majority(0.29, 0.25, 700)
        (False, True)
    """
    return accuracy > majority + ERRORS * standard_error(majority, count)


def majority_share(confusion: Confusion) -> float:
    """Return the share of the commonest class: the accuracy of always saying it.

    Example:
        >>> majority_share([[3, 1], [0, 1]])
        0.8
    """
    return max(map(sum, confusion)) / sum(map(sum, confusion))


def nothing_learnt(confusion: Confusion, class_names: Sequence[str]) -> str | None:
    """Return a plain line where a network has shown nothing, ``None`` where it has.

    Of a split of one class nothing can be said.

    Args:
        confusion: images by true class (rows) and predicted class (columns).
        class_names: of rows and columns.
    Example:
        >>> nothing_learnt([[2, 0], [2, 0]], ("fear", "anger"))
        'nothing learnt: all 4 faces are predicted to be fear'
        >>> nothing_learnt([[40, 10], [10, 40]], ("fear", "anger"))
    """
    count, majority = sum(map(sum, confusion)), majority_share(confusion)
    if majority == 1:
        return None
    predicted = [sum(column) for column in zip(*confusion)]
    if max(predicted) == count:
        name = class_names[predicted.index(count)]
        return f"nothing learnt: all {count} faces are predicted to be {name}"
    accuracy = sum(row[index] for index, row in enumerate(confusion)) / count
    if beats_majority(accuracy, majority, count):
        return None
    error = ERRORS * standard_error(majority, count)
    return (
        f"nothing learnt: accuracy {accuracy:.1%} on {count} faces is not {error:.1%} (two standard"
        f" errors) above the {majority:.1%} of the commonest class"
    )
