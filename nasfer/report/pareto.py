"""Pareto fronts of tables: which rows no other row beats in everything."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nasfer.report.measures import LOWER_IS_BETTER, metric_column


def dominated(table: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Tell for each row whether another row is at least as good in all columns and better in one.

    Equal rows do not dominate each other; a row with a missing value is dominated.

    Args:
        table: one row a network.
        columns: numeric columns; `LOWER_IS_BETTER` says which way each one counts.
    Returns:
        Booleans with the table's index.
    Raises:
        UnknownNameError: a column is not in the table.
    Cost: ``O(rows^2)``.
    Example:
        >>> table = pd.DataFrame({"flops": [1, 2, 3], "zen_mean": [5.0, 4.0, 6.0]})
        >>> dominated(table, ["flops", "zen_mean"]).tolist()
        [False, True, False]
    """
    for column in columns:
        metric_column(table, column)
    signs = np.array([1.0 if column in LOWER_IS_BETTER else -1.0 for column in columns])
    costs = table[columns].to_numpy(dtype=float, na_value=np.nan) * signs
    missing = np.isnan(costs).any(axis=1)
    costs[missing] = np.inf
    no_worse = (costs[:, None, :] <= costs[None, :, :]).all(axis=2)
    better = (costs[:, None, :] < costs[None, :, :]).any(axis=2)
    return pd.Series((no_worse & better).any(axis=0) | missing, index=table.index)


def pareto_front(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return the rows that no other row dominates, ordered by the first column.

    Example:
        >>> table = pd.DataFrame({"flops": [3, 2, 1], "zen_mean": [6.0, 4.0, 5.0]})
        >>> pareto_front(table, ["flops", "zen_mean"])["flops"].tolist()
        [1, 3]
    """
    front = table[~dominated(table, columns)]
    return front.sort_values(columns[0], kind="stable").reset_index(drop=True)
