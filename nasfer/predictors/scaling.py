"""Which columns say something, and their scales: centre 0 and deviation 1 over the examples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SAME = 1e-9
"""Relative difference under which two numbers count as one."""


@dataclass(frozen=True)
class Scaling:
    """From features to numbers of centre 0 and deviation 1.

    Args:
        centre: ``(d,)`` means.
        scale: ``(d,)`` deviations, all above 0.
    """

    centre: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray) -> Scaling:
        """Return the scaling of ``(n, d)`` values, none of whose columns is constant."""
        return cls(values.mean(axis=0), values.std(axis=0))

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return ``(n, d)`` features, scaled."""
        scaled: np.ndarray = (values - self.centre) / self.scale
        return scaled


def telling_columns(values: np.ndarray) -> list[int]:
    """Return the columns that differ between rows, without those that repeat an earlier one.

    A column repeats another if it is the same but for offset and scale, also of the other sign.

    Example:
        >>> telling_columns(np.array([[1.0, 2, -4, 7], [2, 2, -8, 9], [3, 2, -12, 0]]))
        [0, 3]
    """
    found: list[int] = []
    kept = np.zeros((len(values), 0))
    for index in range(values.shape[1]):
        column = values[:, index]
        size = max(1e-300, float(np.abs(column).max()))
        if np.ptp(column) <= SAME * size:
            continue
        one = (column - column.mean()) / column.std()
        if kept.shape[1] and np.abs(one @ kept).max() / len(one) > 1 - SAME:
            continue
        found.append(index)
        kept = np.column_stack([kept, one])
    return found
