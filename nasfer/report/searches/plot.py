"""The picture of a front: score against cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nasfer.report.figures import save_figure
from nasfer.report.measures import LABELS
from nasfer.report.pareto import pareto_front

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REFERENCE = "reference"
"""Column that is true for rows that were not found but are shown for comparison."""


def plot_fronts(table: pd.DataFrame, xs: list[str], y: str, path: str | Path, title: str) -> None:
    """Draw ``y`` against each of ``xs``, side by side, with the front as a step line.

    Rows with ``zen_mean`` are drawn as measured points with their spread over draws; reference
    rows (presets) carry their names.

    Args:
        table: one row a network.
        xs: columns for the horizontal axes, logarithmic.
        y: column for the vertical axis.
        path: PNG or PDF file, by its ending.
        title: above all.
    Raises:
        RunFolderError: the file cannot be written.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2 * len(xs), 4.2), layout="constrained")
    panels = figure.subplots(1, len(xs), sharey=True, squeeze=False)[0]
    for axis, x in zip(panels, xs):
        _draw(axis, table, x, y)
    panels[0].set_ylabel(LABELS.get(y, y))
    panels[0].legend(loc="lower right", frameon=False)
    figure.suptitle(title)
    save_figure(figure, path)


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
