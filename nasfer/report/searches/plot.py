"""The picture of a front: score against cost."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nasfer.report.measures import LABELS
from nasfer.report.pareto import pareto_front
from nasfer.runs.folder import write_atomic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REFERENCE = "reference"
"""Column that is true for rows that were not found but are shown for comparison."""


def plot_fronts(table: pd.DataFrame, xs: list[str], y: str, path: Path, title: str) -> None:
    """Draw ``y`` against each of ``xs``, side by side, with the front as a step line.

    Rows with ``zen_mean`` are drawn as measured points with their spread over draws; reference
    rows (presets) carry their names.

    Args:
        table: one row a network.
        xs: columns for the horizontal axes, logarithmic.
        y: column for the vertical axis.
        path: PNG or PDF file.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        1, len(xs), figsize=(5.2 * len(xs), 4.2), sharey=True, squeeze=False, layout="constrained"
    )
    for axis, x in zip(axes[0], xs):
        _draw(axis, table, x, y)
    axes[0][0].set_ylabel(LABELS.get(y, y))
    axes[0][0].legend(loc="lower right", frameon=False)
    figure.suptitle(title)
    buffer = io.BytesIO()
    figure.savefig(buffer, format=path.suffix.removeprefix("."), dpi=140)
    pyplot.close(figure)
    write_atomic(path, buffer.getvalue())


def _draw(axis: Axes, table: pd.DataFrame, x: str, y: str) -> None:
    references = (
        table[REFERENCE].astype(bool) if REFERENCE in table else pd.Series(False, table.index)
    )
    found = table[~references]
    front = pareto_front(found, [x, y])
    axis.step(front[x], front[y], where="post", color="tab:blue", lw=1.2, zorder=1)
    axis.scatter(front[x], front[y], s=18, color="tab:blue", label="found, front", zorder=2)
    if "zen_mean" in found and found["zen_mean"].notna().any():
        measured = found[found["zen_mean"].notna()]
        axis.errorbar(
            measured[x], measured["zen_mean"], yerr=measured["zen_std"].fillna(0.0), fmt="o",
            ms=4, color="tab:orange", lw=1, label="found, measured (mean ± std)", zorder=3,
        )  # fmt: skip
    for _, row in table[references].iterrows():
        axis.scatter(row[x], row[y], marker="*", s=90, color="tab:red", zorder=4)
        axis.annotate(
            row["name"], (row[x], row[y]), textcoords="offset points", xytext=(-8, -14), ha="right"
        )
    axis.set_xscale("log")
    axis.set_xlabel(LABELS.get(x, x))
    axis.grid(True, which="both", lw=0.3, alpha=0.5)
