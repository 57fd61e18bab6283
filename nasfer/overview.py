"""What a result shows of itself: ten lines in a console, two small tables in a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from nasfer.cleaning import one_line

MOST_LINES = 10
"""Of a text."""

MOST_ROWS = 20
"""Of a page's table."""

LONGEST = 60
"""Signs of a cell in a text, `LONGEST_LINE` of a line that stands alone."""

LONGEST_LINE = 160


@dataclass(frozen=True, slots=True)
class Overview:
    """A result in a few words.

    Args:
        title: what it is.
        facts: by name; one that is ``None`` is left out.
        rows: a table of the same columns each; as many are shown as there is room for.
    """

    title: str
    facts: Mapping[str, object] = field(default_factory=dict)
    rows: Sequence[Mapping[str, object]] = ()

    def text(self) -> str:
        """Return `MOST_LINES` lines at most.

        Example:
            >>> print(Overview("Found", {"best": "a1b2"}, [{"rank": 1, "zen": 2.5}]).text())
            Found
              best: a1b2
              rank  zen
              1     2.50
        """
        facts = [
            f"  {name}: {_cell(value, LONGEST_LINE)}"
            for name, value in self.facts.items()
            if value is not None
        ]
        lines = [one_line(self.title, LONGEST_LINE), *facts][:MOST_LINES]
        room = MOST_LINES - len(lines) - 1  # for the heading
        if self.rows and room > 0:
            many = len(self.rows) > room
            lines += _aligned(self.rows[: room - many])
            lines += [f"  and {len(self.rows) - room + 1:,} more"] if many else []
        return "\n".join(lines)

    def html(self) -> str:
        """Return a small piece of a page, all text in it escaped.

        Example:
            >>> Overview("<b>").html()
            '<div><p><strong>&lt;b&gt;</strong></p></div>'
        """
        parts = [f"<p><strong>{escape(one_line(self.title, LONGEST_LINE))}</strong></p>"]
        facts = {name: value for name, value in self.facts.items() if value is not None}
        if facts:
            cells = [[name, _cell(value, LONGEST_LINE)] for name, value in facts.items()]
            parts.append(_table(cells))
        shown = self.rows[:MOST_ROWS]
        if shown:
            cells = [[_cell(value, LONGEST) for value in row.values()] for row in shown]
            parts.append(_table(cells, list(shown[0])))
        if len(self.rows) > MOST_ROWS:
            parts.append(f"<p>and {len(self.rows) - MOST_ROWS:,} more</p>")
        return f"<div>{''.join(parts)}</div>"


class Overviewed:
    """A value that a console and a notebook show by its `overview`."""

    __slots__ = ()

    def overview(self) -> Overview:
        """Return what is shown."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.overview().text()

    def _repr_html_(self) -> str:
        return self.overview().html()


def _cell(value: Any, most: int) -> str:
    if value is None or value != value:  # nothing there, or pandas' way to say so
        return ""
    return one_line(f"{value:.2f}" if isinstance(value, float) else str(value), most)


def _aligned(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """Return a heading and a line a row, in columns."""
    if not rows:
        return []
    table = [list(rows[0]), *([_cell(value, LONGEST) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table)]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
        for row in table
    ]


def _table(cells: Sequence[Sequence[str]], heading: Sequence[str] = ()) -> str:
    """Return a table of text, escaped."""
    head = "".join(f"<th>{escape(one_line(name, LONGEST))}</th>" for name in heading)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in cells
    )
    return (
        f"<table>{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>"
    )
