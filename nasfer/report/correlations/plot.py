"""The picture of a rank correlation: measured figure against each proxy."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nasfer.quantity import format_quantity
from nasfer.report.figures import save_figure
from nasfer.report.measures import COUNTS, LABELS, shown_scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANELS = 4
"""In a row."""

MANY = 500
"""More networks than these are dots without bars."""


def plot_correlation(
    table: pd.DataFrame, scores: pd.DataFrame, found: pd.DataFrame, path: str | Path
) -> None:
    """Draw one panel a proxy, with bars of the spread over seeds; presets are stars.

    Args:
        table: the networks.
        scores: of the same rows, one column a proxy.
        found: the correlations, one row a proxy, as `correlate` returns them.
        path: PNG or PDF file.
    Raises:
        RunFolderError: the file cannot be written.
    """
    from matplotlib.figure import Figure

    across = min(len(found), PANELS)
    down = math.ceil(len(found) / across)
    figure = Figure(figsize=(4.4 * across, 4.0 * down), layout="constrained")
    panels = figure.subplots(down, across, sharey=True, squeeze=False).ravel()
    for unused in panels[len(found) :]:
        unused.set_axis_off()
    many = len(table) > MANY
    for axis, (_, row) in zip(panels, found.iterrows()):
        proxy, metric = row["proxy"], row["metric"]
        scale = shown_scale(metric)
        spread = scale * table.get(f"{metric}_std", pd.Series(0.0, table.index)).fillna(0.0)
        for kind, rows in table.groupby("kind"):
            preset = kind == "preset"
            axis.errorbar(
                scores.loc[rows.index, proxy], scale * rows[metric].astype(float),
                yerr=None if many else spread[rows.index], fmt="*" if preset else "o",
                ms=10 if preset else 1.5 if many else 5, lw=0 if many else 1,
                color="tab:red" if preset else "tab:blue", label=str(kind),
            )  # fmt: skip
        if proxy in COUNTS:
            _count_axis(axis)
        axis.set_xlabel(LABELS.get(proxy, proxy))
        axis.set_title(
            f"Kendall τ-b {_interval(row, 'kendall_tau_b')}\n"
            f"Spearman ρ {_interval(row, 'spearman_rho')}\n"
            f"τ-b within bands {_interval(row, 'band_kendall_tau_b')}",
            fontsize=9,
        )
        axis.grid(visible=True, which="both", lw=0.3, alpha=0.5)
    metric = str(found["metric"].iloc[0])
    for axis in panels[::across]:
        axis.set_ylabel(LABELS.get(metric, metric))
    panels[0].legend(frameon=False, fontsize=8)
    save_figure(figure, path)


def _count_axis(axis: Axes) -> None:
    """Make a logarithmic axis of counts, with labels such as ``500k`` and ``2M``."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_xscale("log")
    axis.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_quantity(value)))
    axis.xaxis.set_minor_formatter(NullFormatter())


def _interval(row: pd.Series, name: str) -> str:
    if math.isnan(row[name]):
        return "unknown"
    return f"{row[name]:.2f} [{row[f'{name}_low']:.2f}, {row[f'{name}_high']:.2f}]"
