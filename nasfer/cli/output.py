"""Output for people and programs: tables on a terminal, plain columns in a pipe, JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nasfer.cli.flags import in_flags
from nasfer.quantity import format_quantity

if TYPE_CHECKING:
    import pandas as pd

COUNTS = ("flops", "macs", "params")
"""Columns written as ``399.9M``."""


def echo(text: str) -> None:
    """Print a line."""
    print(text)


def note(text: str) -> None:
    """Print a line on stderr; arguments in backticks become flags."""
    print(in_flags(text), file=sys.stderr)


def complain(error: Exception | str) -> None:
    """Print what is wrong, on stderr, in one line; arguments in backticks become flags."""
    note(f"nasfer: {' '.join(str(error).split())}")


def echo_json(data: Any) -> None:
    """Print data as JSON."""
    print(json.dumps(data, indent=2))


def show_table(
    title: str, rows: Sequence[dict[str, Any]], *, hide: Sequence[str] = ("structure",)
) -> None:
    """Print rows as a table; all rows have the keys of the first."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    columns = [name for name in rows[0] if name not in hide] if rows else []
    for name in columns:
        number = isinstance(rows[0][name], int | float)
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(name, row[name]) for name in columns))
    console = Console()
    # In a pipe there is no width to keep: cut nothing.
    Console(width=None if console.is_terminal else 250, file=sys.stdout).print(table)


def table_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table for `show_table`."""
    return [dict(zip(map(str, table.columns), row)) for row in table.itertuples(index=False)]


def _cell(name: str, value: Any) -> str:
    if value is None or value != value:  # nothing there, or pandas' way to say so
        return ""
    if isinstance(value, str):
        return value
    if name in COUNTS:
        return format_quantity(value)
    return f"{value:.2f}" if isinstance(value, float) else str(value)
