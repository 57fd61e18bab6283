"""Output for people and programs: tables on a terminal, plain columns in a pipe, JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from nasfer.cleaning import clean
from nasfer.cli.flags import in_flags
from nasfer.cli.quiet import is_quiet
from nasfer.quantity import format_quantity

if TYPE_CHECKING:
    import pandas as pd

    from nasfer.cli.tables import Fitted

COUNTS = ("flops", "macs", "params")
"""Columns written as ``399.9M``."""


PROSE = ("summary", "description", "limits", "error", "note", "next", "options", "layouts")
"""Columns of many words."""

WITHOUT_END = 10**6
"""Width of a pipe: nothing in it is cut."""

LONGEST = 2_000
"""Letters of an error's line; of a longer one the middle is left out."""


def echo(text: str) -> None:
    """Print a line."""
    print(clean(text))


def say(text: str) -> None:
    """Print a line on stderr."""
    with suppress(OSError):  # no place for it is no reason to stop
        print(clean(text), file=sys.stderr, flush=True)


def note(text: str) -> None:
    """Print a line that ``--quiet`` leaves out, on stderr; arguments in backticks become flags."""
    if not is_quiet():
        say(in_flags(text))


def warn(text: str) -> None:
    """Print a warning, on stderr; arguments in backticks become flags."""
    say(f"warning: {in_flags(text)}")


def complain(error: Exception | str) -> None:
    """Print what is wrong, on stderr, in one line; arguments in backticks become flags."""
    line = " ".join(str(error).split())
    if len(line) > LONGEST:
        line = f"{line[: LONGEST // 2]} ... {line[-LONGEST // 2 :]}"
    say(f"nasfer: {in_flags(line)}")


def echo_json(data: Any) -> None:
    """Print data as JSON."""
    print(json.dumps(data, indent=2))


def show_table(
    title: str,
    rows: Sequence[dict[str, Any]],
    *,
    hide: Sequence[str] = ("structure",),
    prose: Sequence[str] = PROSE,
    first_out: Sequence[str] = (),
    all_in: str = "--json",
) -> None:
    """Print rows as a table; all rows have the keys of the first.

    On a terminal, or where ``COLUMNS`` is set, it keeps the width; elsewhere nothing is folded.

    Args:
        title: above it.
        rows: one a line.
        hide: columns that are not for people.
        prose: columns whose cells may be folded.
        first_out: columns that go first where there is no room.
        all_in: what has the columns that were left out: a file, or a flag.
    """
    from rich.console import Console
    from rich.text import Text  # no markup: names may hold brackets

    from nasfer.cli.tables import Column, fit, piped_width

    columns = [
        Column(
            clean(name),
            tuple(clean(_cell(name, row[name])) for row in rows),
            number=isinstance(rows[0][name], int | float),
            prose=name in prose,
        )
        for name in (rows[0] if rows else ())
        if name not in hide
    ]
    console = Console()
    width = console.width if console.is_terminal else piped_width()
    fitted = fit(columns, WITHOUT_END if width is None else width, first_out)
    console = Console(width=max(fitted.width, width or WITHOUT_END), file=sys.stdout)
    with console.capture() as shown:  # rich would end the process at a broken pipe
        console.print(Text(clean(title), style="italic"), soft_wrap=True)
        console.print(_drawn(fitted))
        for mark, cell in fitted.below:
            console.print(Text(f"{mark} {cell}"), soft_wrap=True)
        if fitted.left_out:
            names = ", ".join(fitted.left_out)
            line = f"no room for: {names}; {clean(all_in)} has all columns"
            console.print(Text(line), soft_wrap=True)
        console.print()
    print(shown.get(), end="")


def _drawn(fitted: Fitted) -> Any:
    """Return the table as rich draws it."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in fitted.columns:
        table.add_column(
            Text(column.heading),
            justify="right" if column.number else "left",
            no_wrap=not column.prose,
            overflow="fold",
        )
    for cells in zip(*(column.cells for column in fitted.columns)):
        table.add_row(*map(Text, cells))
    return table


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
