"""What a measured network leaves for a person: result, classes, confusion matrix, curves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nasfer.inference.result import PER_CLASS_FILE, Result, write_result
from nasfer.report.figures import save_figure
from nasfer.report.trainings.confusion import plot_confusion
from nasfer.runs.files import RESULT_FILE

if TYPE_CHECKING:
    from nasfer.training.settings import Epoch

CONFUSION_FILE = "confusion.png"
CURVES_FILE = "curves.png"

EVALUATION_FILES = (RESULT_FILE, PER_CLASS_FILE, CONFUSION_FILE)
"""What `write_evaluation` writes."""

FEW_EPOCHS = 20
"""So many are drawn as points as well."""


def write_evaluation(folder: str | Path, result: Result) -> None:
    """Write ``result.json``, ``per_class.csv`` and ``confusion.png``.

    Args:
        folder: made if missing.
    Raises:
        RunFolderError: a file cannot be written.
    """
    folder, metrics = Path(folder), result.metrics
    write_result(folder, result)
    path = folder / CONFUSION_FILE
    plot_confusion(metrics.confusion, metrics.class_names, path, result.title)


def write_training(folder: str | Path, result: Result, history: Sequence[Epoch]) -> None:
    """Write what `write_evaluation` does, and ``curves.png``.

    Raises:
        RunFolderError: a file cannot be written.
    """
    write_evaluation(folder, result)
    plot_curves(history, Path(folder) / CURVES_FILE, result.title)


def plot_curves(history: Sequence[Epoch], path: str | Path, title: str) -> None:
    """Draw accuracy and loss of training and validation over the epochs.

    Args:
        history: all epochs.
        path: PNG or PDF file, by its ending.
        title: above the left panel.
    Raises:
        RunFolderError: the file cannot be written.
    """
    from matplotlib.figure import Figure

    table = pd.DataFrame([epoch.row() for epoch in history])
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    accuracy, loss = figure.subplots(1, 2)
    marker = "o" if len(table) <= FEW_EPOCHS else ""  # a line of one epoch is nothing to see
    for split in ("train", "val"):
        accuracy.plot(table["epoch"], 100 * table[f"{split}_accuracy"], label=split, marker=marker)
        loss.plot(table["epoch"], table[f"{split}_loss"], label=split, marker=marker)
    accuracy.set(xlabel="epoch", ylabel="accuracy (%)")
    accuracy.set_title(title, parse_math=False)
    loss.set(xlabel="epoch", ylabel="loss (nats)")
    for axes in (accuracy, loss):
        axes.grid(visible=True, alpha=0.3)
        axes.legend()
    save_figure(figure, path)
