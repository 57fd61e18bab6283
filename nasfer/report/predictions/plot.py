"""The picture of a predictor: predicted against measured accuracy."""

from __future__ import annotations

from pathlib import Path

from nasfer.report.figures import save_figure
from nasfer.report.predictions.learnt import Learnt


def plot_learnt(learnt: Learnt, path: str | Path) -> None:
    """Draw the first draw's networks: none of them was learnt from when it was predicted.

    Args:
        learnt: with at least one draw.
        path: PNG or PDF file.
    Raises:
        RunFolderError: the file cannot be written.
    """
    from matplotlib.figure import Figure

    held = learnt.draws[0]
    measured = learnt.accuracies[held.judged]
    figure = Figure(figsize=(5.2, 5.0), layout="constrained")
    axis = figure.subplots()
    size = 14 if len(measured) < 200 else 4
    axis.scatter(held.predicted, measured, s=size, alpha=0.6, lw=0, color="tab:blue")
    ends = [min(measured.min(), held.predicted.min()), max(measured.max(), held.predicted.max())]
    axis.plot(ends, ends, lw=0.8, color="black", label="as predicted")
    tau = held.judgements[learnt.kind].tau
    axis.set_title(
        f"{learnt.kind} on {learnt.predictor.about.pool}, {held.learnt} learnt\n"
        f"Kendall τ-b {tau.value:.2f} [{tau.low:.2f}, {tau.high:.2f}]",
        fontsize=9,
    )
    axis.set_xlabel("predicted accuracy (%)")
    axis.set_ylabel("measured accuracy (%)")
    axis.grid(visible=True, lw=0.3, alpha=0.5)
    axis.legend(frameon=False, fontsize=8)
    save_figure(figure, path)
