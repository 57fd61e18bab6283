"""The files of ``nasfer pareto`` for tune runs, one a format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from nasfer.report.page import write_page
from nasfer.report.published import printed_table
from nasfer.report.tables import write_table
from nasfer.report.trained_plot import plot_trained
from nasfer.report.trained_tables import Front, trained_csv, trained_latex, trained_markdown
from nasfer.report.trials import failures_table
from nasfer.runfolder import write_atomic

FORMATS = ("csv", "md", "tex", "png", "pdf", "html")
FAILURES = "pareto_failures.csv"


def write_trained_files(
    folders: Sequence[Path], front: Front, formats: Sequence[str], out: Path, *, printed: bool
) -> list[Path]:
    """Write ``pareto.<format>`` for each format, and ``pareto_failures.csv`` where a trial failed.

    One of an earlier call is removed where none failed.

    Args:
        folders: of the runs.
        front: of their candidates.
        formats: of `FORMATS`.
        out: folder of the files; made if missing.
        printed: add the papers' figures to the tables, as rows of their own.
    Returns:
        The files that were written.
    Raises:
        RunFolderError: a file cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    failures = pd.concat([failures_table(folder) for folder in folders], ignore_index=True)
    figures = printed_table() if printed else None
    written = []
    for name in formats:
        path = out / f"pareto.{name}"
        if name == "csv":
            write_atomic(path, trained_csv(front, figures))
        elif name == "md":
            write_atomic(path, trained_markdown(front, failures, figures))
        elif name == "tex":
            write_atomic(path, trained_latex(front, figures))
        elif name == "html":
            write_page(folders, path, front.x, front.y)
        else:
            plot_trained(front, path, f"{len(front.table)} trained networks")
        written.append(path)
    if len(failures):
        write_table(failures, out / FAILURES)
        written.append(out / FAILURES)
    else:
        (out / FAILURES).unlink(missing_ok=True)
    return written
