"""The area that a front of two metrics dominates: one number for how good a front is."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from nasfer.report.measures import LOWER_IS_BETTER

MARGIN = 1.1
"""The default reference of a cost is this much of the largest one, so that every row counts."""


def reference_point(table: pd.DataFrame, columns: tuple[str, str]) -> tuple[float, float]:
    """Return the default reference: 1.1 times the largest cost; score 0, or the least under 0.

    Two fronts compare only at the same reference point: state it, or choose one.

    Example:
        >>> table = pd.DataFrame({"flops": [100, 200], "accuracy": [0.5, 0.6]})
        >>> reference_point(table, ("flops", "accuracy"))
        (220.0, 0.0)
    """

    def worst(column: str) -> float:
        values = table[column].astype(float)
        if column in LOWER_IS_BETTER:
            return round(MARGIN * float(values.max()), 9)
        return min(0.0, float(values.min()))

    return worst(columns[0]), worst(columns[1])


def hypervolume(
    points: Iterable[tuple[float, float]],
    reference: tuple[float, float],
    lower_is_better: tuple[bool, bool] = (True, False),
) -> float:
    """Return the area dominated by the points and bounded by the reference point, exactly.

    Args:
        points: of any order; dominated ones and those beyond the reference add nothing.
        reference: the worst value of either metric that still counts.
        lower_is_better: which way each metric counts.
    Returns:
        In the product of the two metrics' units; 0 where no point beats the reference.
    Cost: ``O(n log n)``.
    Example:
        >>> hypervolume([(1.0, 0.5), (2.0, 0.75)], (3.0, 0.0))  # 2 * 0.5 + 1 * 0.25
        1.25
    """
    signs = [1.0 if lower else -1.0 for lower in lower_is_better]
    right, top = (sign * value for sign, value in zip(signs, reference))
    area = 0.0
    for x, y in sorted((signs[0] * x, signs[1] * y) for x, y in points):
        if x < right and y < top:
            area += (right - x) * (top - y)
            top = y
    return area


def front_hypervolume(
    table: pd.DataFrame, columns: tuple[str, str], reference: tuple[float, float]
) -> float:
    """Return the `hypervolume` of a table's rows; rows with a missing value add nothing."""
    there = table[list(columns)].astype(float).dropna()
    points = list(zip(there[columns[0]], there[columns[1]]))
    lower = (columns[0] in LOWER_IS_BETTER, columns[1] in LOWER_IS_BETTER)
    return hypervolume(points, reference, lower)
