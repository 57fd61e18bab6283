"""Tables as CSV, Markdown and LaTeX: exact in CSV, rounded for reading elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from nasfer.quantity import format_quantity
from nasfer.runs.folder import write_atomic

COUNTS = ("flops", "macs", "params")
"""Columns of large counts, written as ``399.9M`` for people."""


FORMULAS = tuple("=+-@\t\r")
"""How a cell begins that a spreadsheet computes."""

MARKDOWN_SIGNS = {"<": "&lt;", ">": "&gt;", "|": "\\|"}
"""Signs that would be HTML, or the end of a cell."""


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
    """Return the table as CSV with exact numbers; no text in it is a formula of a spreadsheet.

    Example:
        >>> print(to_csv(pd.DataFrame({"name": ["=1+2"], "gap": [-1.5]})), end="")
        name,gap
        '=1+2,-1.5
    """
    return str(table.map(_guarded).to_csv(index=False, lineterminator="\n"))


def _guarded(value: object) -> object:
    """Put an apostrophe before a text that begins as a formula does."""
    return f"'{value}" if isinstance(value, str) and value[:1] in FORMULAS else value


def markdown_cell(text: str) -> str:
    """Return a text as a cell of a Markdown table shows it, whatever signs it holds.

    Example:
        >>> markdown_cell("a|b <script>")
        'a\\\\|b &lt;script&gt;'
    """
    one_line = " ".join(text.split())
    for sign, written in MARKDOWN_SIGNS.items():
        one_line = one_line.replace(sign, written)
    return one_line


def to_markdown(table: pd.DataFrame) -> str:
    """Return the table as a Markdown table for reading."""
    cells = readable(table).map(markdown_cell)
    return str(cells.to_markdown(index=False, disable_numparse=True)) + "\n"


def to_latex(table: pd.DataFrame) -> str:
    """Return the table as LaTeX (booktabs), special characters escaped, without structures."""
    kept = table.drop(columns=["structure"], errors="ignore")
    return latex_rows(readable(kept), [str(name) for name in kept.select_dtypes("number")])


def latex_rows(shown: pd.DataFrame, right: Sequence[str]) -> str:
    r"""Return a table of text as a LaTeX ``tabular`` with booktabs rules, all of it escaped.

    Args:
        shown: text only.
        right: names of columns to align at the right; all others are aligned at the left.
    Example:
        >>> print(latex_rows(pd.DataFrame({"a_b": ["50% ± 1"]}), ["a_b"]))
        \begin{tabular}{r}
        \toprule
        a\_b \\
        \midrule
        50\% $\pm$ 1 \\
        \bottomrule
        \end{tabular}
        <BLANKLINE>
    """
    columns = "".join("r" if name in right else "l" for name in shown)
    style = shown.style.hide(axis="index").format(escape="latex")
    style = style.format_index(escape="latex", axis=1)
    text = str(style.to_latex(column_format=columns, hrules=True))
    for sign, command in LATEX_SIGNS.items():
        text = text.replace(sign, command)
    return text


LATEX_SIGNS = {"±": r"$\pm$", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
"""Signs that pandas leaves alone and LaTeX's first font encoding sets wrongly."""

WRITERS = {"csv": to_csv, "md": to_markdown, "tex": to_latex}
"""Text formats of a table by file ending."""


def write_table(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table atomically, in the format of the file's ending: ``.csv``, ``.md``, ``.tex``.

    Raises:
        RunFolderError: the file cannot be written.
    """
    path = Path(path)
    write_atomic(path, WRITERS[path.suffix.removeprefix(".")](table))
