"""The place of a value in a frozen sample, as a logarithm: what several scores are joined by."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence


def log_rank(value: float, reference: Sequence[float]) -> float:
    """Return ``ln(rank / N)`` of a value among a sample and itself; 0 is best.

    Rank 1 is the worst of N, ties have their mean. Between two values of the sample the rank is
    interpolated, so that the order of two networks between them is kept; beyond its ends it is not.

    Args:
        value: larger is better.
        reference: the N - 1 others, ascending.
    Example:
        >>> log_rank(9.0, [1.0, 2.0, 3.0]), round(log_rank(0.0, [1.0, 2.0, 3.0]), 4)  # 0 and ln 1/4
        (0.0, -1.3863)
        >>> round(math.exp(log_rank(2.0, [1.0, 2.0, 3.0])) * 4, 4)  # equal to one: between 2 and 3
        2.5
    """
    below = bisect.bisect_left(reference, value)
    above = bisect.bisect_right(reference, value)
    if below == above and 0 < below < len(reference):
        lower, upper = reference[below - 1], reference[below]
        ends = [_tied_rank(lower, reference), _tied_rank(upper, reference)]
        rank = ends[0] + (ends[1] - ends[0]) * (value - lower) / (upper - lower)
    else:
        rank = 1 + (below + above) / 2
    return math.log(rank / (len(reference) + 1))


def _tied_rank(value: float, reference: Sequence[float]) -> float:
    """The mean rank of a value with those equal to it."""
    return 1 + (bisect.bisect_left(reference, value) + bisect.bisect_right(reference, value)) / 2
