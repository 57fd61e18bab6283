"""Output for people and programs: tables on a terminal, plain columns in a pipe, JSON."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from nasfer.cli.flags import in_flags
from nasfer.quantity import format_quantity

if TYPE_CHECKING:
    import pandas as pd

COUNTS = ("flops", "macs", "params")
"""Columns written as ``399.9M``."""


LONGEST = 2_000
"""Letters of an error's line; of a longer one the middle is left out."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Controls, and signs that turn the direction of writing around."""


def clean(text: str) -> str:
    r"""Return a text without what would steer a terminal: such signs are written as escapes.

    Example:
        >>> print(clean("face\x1b[31m.png"))
        face\x1b[31m.png
    """
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)


def echo(text: str) -> None:
    """Print a line."""
    print(clean(text))


def note(text: str) -> None:
    """Print a line on stderr; arguments in backticks become flags."""
    with suppress(OSError):  # no place for notes is no reason to stop
        print(clean(in_flags(text)), file=sys.stderr, flush=True)


def complain(error: Exception | str) -> None:
    """Print what is wrong, on stderr, in one line; arguments in backticks become flags."""
    line = " ".join(str(error).split())
    if len(line) > LONGEST:
        line = f"{line[: LONGEST // 2]} ... {line[-LONGEST // 2 :]}"
    note(f"nasfer: {line}")


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
    from rich.text import Text  # no markup: names may hold brackets

    table = Table(title=Text(clean(title)), box=box.SIMPLE_HEAD, title_justify="left")
    columns = [name for name in rows[0] if name not in hide] if rows else []
    for name in columns:
        number = isinstance(rows[0][name], int | float)
        heading = Text(clean(name))
        table.add_column(heading, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(clean(_cell(name, row[name]))) for name in columns))
    console = Console()
    # In a pipe there is no width to keep: cut nothing.
    console = Console(width=None if console.is_terminal else 250, file=sys.stdout)
    with console.capture() as shown:  # rich would end the process at a broken pipe
        console.print(table)
    print(shown.get(), end="")


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
