"""``nasfer report``: one self-contained HTML page of trained networks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Option

from nasfer.cli.options import Overwrite, TuneRuns
from nasfer.cli.output import echo
from nasfer.runs.outputs import outputs


def report(
    runs: TuneRuns,
    out: Annotated[
        Path | None, Option(help="HTML file; default: report.html in the first run folder.")
    ] = None,
    x: Annotated[str, Option(help="Metric across, as the plot opens.")] = "flops",
    y: Annotated[str, Option(help="Metric up, as the plot opens.")] = "val_accuracy",
    overwrite: Overwrite = False,
) -> None:
    """Write one HTML page: what was run, sortable table, plot, confusion matrices, structures.

    The page needs no network and no other file.

    Example: nasfer report results/runs/tune-fer2013 --out page.html
    """
    from nasfer.report import write_page

    path = out or runs[0] / "report.html"
    with outputs([path], overwrite=overwrite):
        write_page(runs, path, x, y)
    echo(f"written: {path}")
