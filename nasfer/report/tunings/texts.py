"""The tables of trained candidates: exact for programs, mean ± std in percent for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from nasfer.quantity import format_quantity
from nasfer.report.front import Front
from nasfer.report.measures import COUNTS, shown_scale
from nasfer.report.tables import latex_rows, markdown_cell, readable, to_csv
from nasfer.report.tunings.table import LONG

HEADINGS = {
    "run": "run", "name": "network", "kind": "kind", "digest": "digest", "config": "recipe values",
    "seeds": "seeds", "stopped": "stopped early", "val_accuracy": "validation (%)",
    "accuracy": "test (%)",
    "mean_class_accuracy": "mean class (%)", "macro_f1": "macro-F1 (%)", "ece": "ECE (%)",
    "zen_closed_form": "Zen", "flops": "FLOPs", "macs": "MACs", "params": "params",
    "latency_ms": "latency (ms)",
    "latency_torch_ms": "torch latency (ms)",
    "checkpoint_bytes": "checkpoint (bytes)",
}  # fmt: skip
"""Columns that people see, in order, and their headings."""

WIDE = ("macs", "ece", "zen_closed_form", "checkpoint_bytes", "mean_class_accuracy")

WORDS = ("run", "name", "kind", "digest", "config", "front")


def shown_trained(front: Front, *, brief: bool = False) -> pd.DataFrame:
    """Return the candidates as text for reading; columns without any value are left out.

    The digest stands there only where two candidates share a name, recipe values where they differ.

    Args:
        brief: for narrow pages: without `WIDE` columns, but those of the front.
    """
    shown = shown_ended(front.table, (front.x, front.y), brief=brief)
    marks = ["dominated" if out else "front" for out in front.table["dominated"]]
    shown.insert(list(shown).index("kind") + 1, "front", marks)
    return shown


def shown_ended(
    table: pd.DataFrame, columns: Sequence[str] = (), *, brief: bool = True
) -> pd.DataFrame:
    """Return candidates as text for reading, as `shown_trained` does, without a front.

    Args:
        table: `trained_table` or `ended_table`.
        columns: to show in any case.
        brief: without those of `WIDE`.
    """
    shown = pd.DataFrame(index=table.index)
    out = set(WIDE if brief else ()) - set(columns)
    out |= set() if table["name"].duplicated().any() else {"digest"}
    out |= set() if table["config"].nunique() > 1 else {"config"}
    out |= set() if table["stopped"].any() else {"stopped"}
    for column in dict.fromkeys([*HEADINGS, *columns]):
        if column not in table or column in out:
            continue
        values = [_cell(table, column, index) for index in range(len(table))]
        if any(values):
            shown[HEADINGS.get(column, column)] = values
    return shown


def _cell(table: pd.DataFrame, column: str, index: int) -> str:
    value: Any = table[column].iloc[index]
    if pd.isna(value) or isinstance(value, str):
        return "" if pd.isna(value) else str(value)
    if column in COUNTS:
        return format_quantity(float(value))
    if not pd.api.types.is_float_dtype(table[column]):
        return str(value)
    scale, digits = shown_scale(column), 2
    text = f"{scale * value:.{digits}f}"
    std: Any = table[f"{column}_std"].iloc[index] if f"{column}_std" in table else None
    return text if std is None or pd.isna(std) else f"{text} ± {scale * std:.{digits}f}"


def trained_csv(front: Front, printed: pd.DataFrame | None = None) -> str:
    """Return exact numbers as CSV; printed figures are rows and columns of their own."""
    table = front.table.drop(columns=[name for name in LONG if name != "structure"])
    return to_csv(table if printed is None else pd.concat([table, printed], ignore_index=True))


def trained_markdown(front: Front, printed: pd.DataFrame | None = None) -> str:
    """Return the table for reading, the front in words, printed figures and failures below."""
    parts = ["Measured, mean ± sample standard deviation over seeds.\n", _markdown(
        shown_trained(front)), front.sentence + ".\n"]  # fmt: skip
    if printed is not None:
        parts += ["Printed by the sources, not measured here, and on no front:\n"]
        parts += [_markdown(shown_printed(printed))]
    if len(front.failures):
        parts += ["Failed trials:\n", _markdown(readable(front.failures))]
    return "\n".join(parts)


def _markdown(shown: pd.DataFrame) -> str:
    cells = shown.map(markdown_cell)
    return str(cells.to_markdown(index=False, disable_numparse=True)) + "\n"


def trained_latex(front: Front, printed: pd.DataFrame | None = None) -> str:
    """Return the table as LaTeX (booktabs); printed figures are a second ``tabular``."""
    shown = shown_trained(front, brief=True)
    numbers = [str(name) for name in shown if name not in {HEADINGS.get(w, w) for w in WORDS}]
    text = f"% {front.sentence}\n{latex_rows(shown, numbers)}"
    if printed is None:
        return text
    return f"{text}\n% printed by the sources, not measured here\n" + latex_rows(
        shown_printed(printed), ["printed accuracy (%)"]
    )


def shown_printed(printed: pd.DataFrame) -> pd.DataFrame:
    """Return a `printed_table` as text for reading."""
    percent = [f"{100 * value:g}" for value in printed["printed_accuracy"]]
    shown = printed[["name", "printed_on"]].assign(accuracy=percent)
    shown = shown.assign(params=printed["printed_params"], flops=printed["printed_flops"])
    shown.columns = pd.Index(
        ["network", "printed on", "printed accuracy (%)", "printed params", "printed FLOPs"]
    )
    return shown
