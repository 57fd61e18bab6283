"""Tables as CSV, Markdown and LaTeX: exact in CSV, rounded for reading elsewhere."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nasfer.quantity import format_quantity
from nasfer.runfolder import write_atomic

COUNTS = ("flops", "macs", "params")
"""Columns of large counts, written as ``399.9M`` for people."""


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a copy for reading: counts with suffixes, scores with four digits, blanks for nothing.

    Example:
        >>> table = pd.DataFrame({"zen_mean": [78.158], "flops": [399877856]})
        >>> readable(table).iloc[0].tolist()
        ['78.16', '399.9M']
    """
    shown = pd.DataFrame(index=table.index)
    for column in table.columns:
        values = table[column]
        if column in COUNTS:
            shown[column] = ["" if pd.isna(v) else format_quantity(v) for v in values]
        elif pd.api.types.is_float_dtype(values):
            shown[column] = ["" if pd.isna(value) else f"{value:.4g}" for value in values]
        else:
            shown[column] = ["" if pd.isna(value) else str(value) for value in values]
    return shown


def to_csv(table: pd.DataFrame) -> str:
    """Return the table as CSV with exact numbers."""
    return str(table.to_csv(index=False, lineterminator="\n"))


def to_markdown(table: pd.DataFrame) -> str:
    """Return the table as a Markdown table for reading."""
    return str(readable(table).to_markdown(index=False, disable_numparse=True)) + "\n"


def to_latex(table: pd.DataFrame) -> str:
    """Return the table as LaTeX (booktabs), special characters escaped, without structures."""
    shown = readable(table.drop(columns=["structure"], errors="ignore"))
    shown.columns = pd.Index([str(name).replace("_", r"\_") for name in shown.columns])
    shown = shown.map(lambda text: text.replace("_", r"\_").replace("%", r"\%").replace("&", r"\&"))
    columns = "".join("r" if name in map(_escaped, _numeric(table)) else "l" for name in shown)
    return str(shown.style.hide(axis="index").to_latex(column_format=columns, hrules=True))


def _numeric(table: pd.DataFrame) -> list[str]:
    return [str(name) for name in table.select_dtypes("number").columns]


def _escaped(name: str) -> str:
    return name.replace("_", r"\_")


WRITERS = {"csv": to_csv, "md": to_markdown, "tex": to_latex}
"""Text formats of a table by file ending."""


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table atomically, in the format of the file's ending."""
    write_atomic(path, WRITERS[path.suffix.removeprefix(".")](table))
