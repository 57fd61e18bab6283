"""The front of a table of networks as a value: who is on it, and how much it dominates."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from nasfer.errors import SpecError
from nasfer.overview import Overview, Overviewed
from nasfer.report.hypervolume import front_hypervolume, reference_point
from nasfer.report.measures import CHOSEN_BY, FRACTIONS, LOWER_IS_BETTER, OF_TEST, metric_column
from nasfer.report.pareto import dominated

MISSING = {
    "latency_ms": "; the same tune command measures it, of exported files in onnxruntime"
    " (pip install 'nasfer[export]'); eager torch's of older runs is latency_torch",
}
"""How a metric comes into a table that lacks it."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Front(Overviewed):
    """Networks and which of them are on their front.

    Args:
        table: all networks, with a column ``dominated``; none is a printed figure.
        x: column of the horizontal metric.
        y: column of the vertical metric.
        reference: the hypervolume's reference point.
        hypervolume: dominated area up to it, in the product of the two units.
        failures: the trials that are in no row of the table because they failed.
    """

    table: pd.DataFrame
    x: str
    y: str
    reference: tuple[float, float]
    hypervolume: float
    failures: pd.DataFrame = field(default_factory=pd.DataFrame)

    def overview(self) -> Overview:
        """Return the front in short: who is on it, with the two figures."""
        on = self.rows
        names = [name for name in ("name", "digest") if name in on]
        columns = [*names, self.x, self.y]
        values = [on[name].tolist() for name in columns]
        failed = {"failed trials": len(self.failures) or None}
        return Overview(
            f"Front: {self.sentence}", failed, [dict(zip(columns, row)) for row in zip(*values)]
        )

    @property
    def rows(self) -> pd.DataFrame:
        """The networks on the front, the best ``x`` first."""
        on = self.table[~self.table["dominated"]]
        return on.drop(columns="dominated").reset_index(drop=True)

    @property
    def chosen(self) -> str:
        """By which split the front's networks were chosen, in words; empty where by none."""
        if {self.x, self.y} & set(OF_TEST):
            return "chosen on the test split, whose figures are too good for those chosen"
        return "chosen on validation; test reported" if CHOSEN_BY in (self.x, self.y) else ""

    @property
    def sentence(self) -> str:
        """The front's size, its hypervolume, the reference point and the choice, in words."""
        on = int((~self.table["dominated"]).sum())
        x, y = (f"{name} {value:.6g}" for name, value in zip((self.x, self.y), self.reference))
        partly = int((self.table["stopped"] > 0).sum()) if "stopped" in self.table else 0
        return (
            f"{on} of {len(self.table)} on the front of {self.y} against {self.x};"
            f" hypervolume {self.hypervolume:.6g}, reference point {x}, {y}"
            + ("" if self.y not in FRACTIONS else " (fractions of 1)")
            + (f"; {partly} by the seeds that were not stopped early alone" if partly else "")
            + (f"; {self.chosen}" if self.chosen else "")
        )


def find_front(
    table: pd.DataFrame, x: str, y: str, reference: tuple[float, float] | None = None
) -> Front:
    """Mark the dominated rows of a table and measure its front.

    Rows are ordered by ``x``, the best first; one that lacks either figure is dominated.

    Args:
        table: one row a network: `trained_table`, `read_found`, ...
        x: metric, by its column or its short name (``zen``, ``latency``, ``checkpoint_size``).
        y: likewise.
        reference: of the hypervolume; default `reference_point`.
    Raises:
        SpecError: both are the same metric.
        UnknownNameError: no such metric.
    """
    columns = (metric_column(table, x), metric_column(table, y))
    if columns[0] == columns[1]:
        raise SpecError(f"{x} and {y}: one metric; a front needs two")
    for column in columns:
        if not table[column].notna().any():
            raise SpecError(f"{column}: no network has it{MISSING.get(column, '')}")
    marked = table.assign(dominated=dominated(table, list(columns)))
    marked = marked.sort_values(
        columns[0], ascending=columns[0] in LOWER_IS_BETTER, kind="stable", ignore_index=True
    )
    point = reference or reference_point(table, columns)
    return Front(marked, *columns, point, front_hypervolume(table, columns, point))
