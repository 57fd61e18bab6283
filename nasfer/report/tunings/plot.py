"""The picture of trained candidates: means with their spread, the front as a step line."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pandas as pd

from nasfer.report.figures import save_figure
from nasfer.report.front import Front
from nasfer.report.measures import COUNTS, LABELS, LOWER_IS_BETTER, shown_scale

COLOURS = {"candidate": "tab:blue", "preset": "tab:red"}
MARKERS = {"candidate": "o", "preset": "*"}


def plot_trained(front: Front, path: str | Path, title: str) -> None:
    """Draw the measured candidates and their front; presets carry their names.

    Dominated ones are hollow; bars are sample standard deviations over seeds. Printed figures are
    not drawn.

    Args:
        path: PNG or PDF file, by its ending.
    Raises:
        RunFolderError: the file cannot be written.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.6), layout="constrained")
    axis = figure.subplots()
    x, y = front.x, front.y
    table = front.table.dropna(subset=[x, y]).reset_index(drop=True)
    xs = shown_scale(x) * table[x].astype(float)
    ys = shown_scale(y) * table[y].astype(float)
    on = ~table["dominated"]
    if on.any():
        where: Literal["post", "pre"] = "post" if x in LOWER_IS_BETTER else "pre"
        steps = pd.DataFrame({"x": xs[on], "y": ys[on]}).sort_values(["x", "y"])
        axis.step(steps["x"], steps["y"], where=where, color="grey", lw=1.2, label="front")
    for kind, rows in table.groupby("kind"):
        colour, name = COLOURS[str(kind)], str(kind)
        axis.errorbar(
            xs[rows.index], ys[rows.index], xerr=_spread(rows, x), yerr=_spread(rows, y),
            fmt="none", ecolor=colour, elinewidth=1, capsize=2,
        )  # fmt: skip
        size = 90 if name == "preset" else 34
        for dominated, part in rows.groupby("dominated"):
            axis.scatter(
                xs[part.index], ys[part.index], marker=MARKERS[name], s=size, zorder=3,
                edgecolors=colour, facecolors="white" if dominated else colour,
                label=f"{name}, dominated" if dominated else name,
            )  # fmt: skip
    for index in table.index[table["kind"] == "preset"]:
        axis.annotate(
            str(table.at[index, "name"]), (float(xs[index]), float(ys[index])),
            textcoords="offset points", xytext=(7, -11), fontsize=8, parse_math=False,
        )  # fmt: skip
    if x in COUNTS:
        axis.set_xscale("log")
    if y in COUNTS:
        axis.set_yscale("log")
    axis.set_xlabel(LABELS.get(x, x))
    axis.set_ylabel(LABELS.get(y, y))
    axis.set_title(title, parse_math=False)
    axis.grid(visible=True, which="both", lw=0.3, alpha=0.5)
    axis.legend(frameon=False, fontsize=8)
    save_figure(figure, path)


def _spread(rows: pd.DataFrame, column: str) -> list[float] | None:
    """Bars of a column, 0 where there is one seed; none where the column has no spread."""
    name = f"{column}_std"
    return list(shown_scale(column) * rows[name].fillna(0.0)) if name in rows else None
