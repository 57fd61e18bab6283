"""What the numbers of a table mean: names that users ask for, labels, units, which way is up."""

from __future__ import annotations

import pandas as pd

from nasfer.errors import UnknownNameError
from nasfer.registry import nearest

LOWER_IS_BETTER = frozenset({
    "flops", "macs", "params", "layers", "latency_ms", "latency_p95_ms", "latency_torch_ms",
    "checkpoint_bytes", "ece", "nll", "seconds",
})  # fmt: skip
"""Columns in which a smaller value is better; in all others a larger one is."""

FRACTIONS = ("val_accuracy", "accuracy", "mean_class_accuracy", "macro_f1", "ece")
"""Columns that hold fractions of 1; shown to people in percent."""

COUNTS = ("flops", "macs", "params", "checkpoint_bytes")
"""Columns of large counts, written as ``399.9M`` for people; on plots their axis is logarithmic."""

CHOSEN_BY = "val_accuracy"
"""Column that candidates are chosen by: ordered, marked, kept. The test split is reported beside
it; who chose by it would report the luck of the choice."""

OF_TEST = ("accuracy", "mean_class_accuracy", "macro_f1", "ece", "nll")
"""Columns measured on the test split."""

MEASURED = ("accuracy", "mean_class_accuracy", "macro_f1", "ece", "nll", "val_accuracy", "seconds")
"""Columns that differ between the seeds of one candidate: mean, and ``<name>_std`` beside it."""

LABELS = {
    "flops": "FLOPs (multiply-adds, one image)",
    "macs": "MACs (one image)",
    "params": "parameters",
    "layers": "layers",
    "zen": "Zen-score",
    "zen_mean": "Zen-score, measured",
    "zen_closed_form": "Zen-score, closed form",
    "accuracy": "accuracy on the test split (%)",
    "mean_class_accuracy": "mean class accuracy (%)",
    "macro_f1": "macro-F1 (%)",
    "ece": "expected calibration error (%)",
    "nll": "negative log-likelihood (nats)",
    "val_accuracy": "validation accuracy (%)",
    "latency_ms": "latency (ms, one image, median; onnxruntime)",
    "latency_p95_ms": "latency (ms, one image, 95 % are faster)",
    "latency_torch_ms": "latency in eager torch (ms, one image, median)",
    "checkpoint_bytes": "checkpoint (bytes)",
    "seconds": "training time (s)",
}
"""Axis labels by column; other columns are labelled by their names."""

ALIASES = {
    "zen": "zen_closed_form", "latency": "latency_ms", "latency_torch": "latency_torch_ms",
    "checkpoint_size": "checkpoint_bytes",
}  # fmt: skip
"""Short names of metrics and the columns they stand for, in tables that lack the short one."""

NO_METRICS = ("rank", "seed", "seeds", "epochs", "images", "stopped", "resolution", "dominated")
"""Numeric columns that are no measure of a network."""


def metric_column(table: pd.DataFrame, name: str) -> str:
    """Return the column of ``table`` that a user means by a metric's name.

    Raises:
        UnknownNameError: there is none; the message holds the nearest name, or the known ones.
    Example:
        >>> table = pd.DataFrame({"zen_closed_form": [1.0], "accuracy": [0.5]})
        >>> metric_column(table, "zen"), metric_column(table, "accuracy")
        ('zen_closed_form', 'accuracy')
        >>> metric_column(table, "acuracy")
        Traceback (most recent call last):
        nasfer.errors.UnknownNameError: unknown metric 'acuracy'; did you mean 'accuracy'?
    """
    column = name if name in table.columns else ALIASES.get(name, name)
    there = column in table.columns and column not in NO_METRICS
    if not there or not pd.api.types.is_numeric_dtype(table[column]):
        known = [
            str(c)
            for c in table.select_dtypes("number").columns
            if c not in NO_METRICS and not str(c).endswith("_std")
        ]
        known += [short for short, long in ALIASES.items() if long in known and short not in known]
        raise UnknownNameError(f"unknown metric {name!r}{nearest(name, known)}")
    return column


def shown_scale(column: str) -> float:
    """Return the factor from a column's values to those on plots: 100 for fractions, else 1."""
    return 100.0 if column in FRACTIONS else 1.0
