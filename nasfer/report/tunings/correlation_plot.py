"""The picture of a rank correlation: measured figure against each proxy."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nasfer.report.figures import save_figure
from nasfer.report.measures import COUNTS, LABELS, shown_scale


def plot_correlation(
    table: pd.DataFrame, scores: pd.DataFrame, found: pd.DataFrame, path: str | Path
) -> None:
    """Draw one panel a proxy, with bars of the spread over seeds; presets are stars.

    Args:
        table: the candidates.
        scores: of the same rows, one column a proxy.
        found: the correlations, one row a proxy, as `correlate` returns them.
        path: PNG or PDF file.
    Raises:
        RunFolderError: the file cannot be written.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.4 * len(found), 4.0), layout="constrained")
    panels = figure.subplots(1, len(found), sharey=True, squeeze=False)[0]
    for axis, (_, row) in zip(panels, found.iterrows()):
        proxy, metric = row["proxy"], row["metric"]
        scale = shown_scale(metric)
        spread = scale * table.get(f"{metric}_std", pd.Series(0.0, table.index)).fillna(0.0)
        for kind, rows in table.groupby("kind"):
            preset = kind == "preset"
            axis.errorbar(
                scores.loc[rows.index, proxy], scale * rows[metric].astype(float),
                yerr=spread[rows.index], fmt="*" if preset else "o", ms=10 if preset else 5,
                color="tab:red" if preset else "tab:blue", lw=1, label=str(kind),
            )  # fmt: skip
        if proxy in COUNTS:
            axis.set_xscale("log")
        axis.set_xlabel(LABELS.get(proxy, proxy))
        axis.set_title(
            f"Kendall τ-b {_interval(row, 'kendall_tau_b')}\n"
            f"Spearman ρ {_interval(row, 'spearman_rho')}",
            fontsize=9,
        )
        axis.grid(visible=True, which="both", lw=0.3, alpha=0.5)
    metric = str(found["metric"].iloc[0])
    panels[0].set_ylabel(LABELS.get(metric, metric))
    panels[0].legend(frameon=False, fontsize=8)
    save_figure(figure, path)


def _interval(row: pd.Series, name: str) -> str:
    return f"{row[name]:.2f} [{row[f'{name}_low']:.2f}, {row[f'{name}_high']:.2f}]"
