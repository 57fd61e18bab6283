"""What a training leaves for a person: confusion matrix, curves, the table of classes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nasfer.runs.folder import write_atomic

if TYPE_CHECKING:
    from nasfer.inference.metrics import Metrics
    from nasfer.training.settings import Epoch


def write_training_files(folder: Path, history: Sequence[Epoch], test: Metrics, title: str) -> None:
    """Write ``confusion.png``, ``curves.png`` and ``per_class.csv``.

    Raises:
        RunFolderError: a file cannot be written.
    """
    from nasfer.report.trainings.confusion import plot_confusion

    plot_confusion(test.confusion, test.class_names, folder / "confusion.png", title)
    plot_curves(history, folder / "curves.png", title)
    write_atomic(folder / "per_class.csv", pd.DataFrame(test.per_class).to_csv(index=False))


def plot_curves(history: Sequence[Epoch], path: Path, title: str) -> None:
    """Draw accuracy and loss of training and validation over the epochs."""
    from matplotlib.figure import Figure

    table = pd.DataFrame([epoch.row() for epoch in history])
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    accuracy, loss = figure.subplots(1, 2)
    for split in ("train", "val"):
        accuracy.plot(table["epoch"], 100 * table[f"{split}_accuracy"], label=split)
        loss.plot(table["epoch"], table[f"{split}_loss"], label=split)
    accuracy.set(xlabel="epoch", ylabel="accuracy (%)", title=title)
    loss.set(xlabel="epoch", ylabel="loss (nats)")
    for axes in (accuracy, loss):
        axes.grid(visible=True, alpha=0.3)
        axes.legend()
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=150, format="png")
    write_atomic(path, buffer.getvalue())
