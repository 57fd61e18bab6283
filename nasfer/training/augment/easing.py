"""Shifts that begin at none and grow while a network overfits: crop ``eased``.

Networks that look at few pixels of a face learn nothing from shifted faces, and others are the
better for them, but not from the first epoch on. So the shift follows what the epoch before has
shown, as adaptive augmentation does in Karras et al., NeurIPS 2020, arXiv:2006.06676.
"""

from __future__ import annotations

from nasfer.inference.chance import ERRORS, beats_majority, standard_error
from nasfer.training.settings import Epoch

STEP = 1 / 48
"""The shift changes by this share of the side an epoch: a pixel of 48."""


def eased_shift(last: Epoch | None, *, majority: float, count: int, most: float) -> float:
    """Return the largest shift of the next epoch, as a share of the side.

    It grows by a step where training faces were read better than those of validation by more than
    two standard errors; it shrinks by one where they were read worse by as much, or where
    validation does not stand out from the majority share.

    Args:
        last: the epoch before; ``None`` before the first.
        majority: share of the commonest class of the validation split.
        count: its images.
        most: the largest shift.
    Example:
        >>> overfitted = Epoch(3, 1e-3, 1.2, 0.6, 0.4, 1.5, 300.0, 9.0)
        >>> round(eased_shift(overfitted, majority=0.25, count=700, most=0.125) * 48)
        1
    """
    if last is None:
        return 0.0
    seen, unseen = last.train_accuracy, last.val_accuracy
    margin = ERRORS * standard_error(unseen, count)
    if not beats_majority(unseen, majority, count) or seen < unseen - margin:
        step = -STEP
    else:
        step = STEP if seen > unseen + margin else 0.0
    return min(max(last.shift + step, 0.0), most)
