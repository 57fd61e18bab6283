"""The confusion matrix as a picture: parts of each row in colour, counts in the cells."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nasfer.report.figures import save_figure

DARK = 0.6
"""Cells over this part of their row are dark; the writing on them is white."""


def plot_confusion(
    confusion: Sequence[Sequence[int]], class_names: Sequence[str], path: str | Path, title: str
) -> None:
    """Draw a confusion matrix, each row normalised to its images.

    A row without images stays blank.

    Args:
        confusion: images by true class (rows) and predicted class (columns).
        class_names: of rows and columns.
        path: PNG or PDF file, by its ending.
        title: above the picture.
    Raises:
        RunFolderError: the file cannot be written.
    """
    from matplotlib.figure import Figure

    counts = np.array(confusion)
    totals = counts.sum(1, keepdims=True)
    parts = counts / np.maximum(totals, 1)
    side = 0.85 * len(class_names) + 2
    figure = Figure(figsize=(side + 0.8, side), layout="constrained")
    axis = figure.subplots()
    image = axis.imshow(parts, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if not totals[row, 0]:
            continue
        part = parts[row, column]
        axis.text(
            column, row, f"{part:.0%}\n{count:,}", ha="center", va="center", fontsize=9,
            color="white" if part > DARK else "black",
        )  # fmt: skip
    places = range(len(class_names))
    axis.set_xticks(places, class_names, rotation=40, ha="right", rotation_mode="anchor")
    axis.set_yticks(places, class_names)
    axis.set_xlabel("predicted")
    axis.set_ylabel("true")
    axis.set_title(title, parse_math=False)
    figure.colorbar(image, ax=axis, shrink=0.8, label="part of the true class's images")
    save_figure(figure, path)
