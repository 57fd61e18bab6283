"""The files that tell of tune runs: a run's own when it ends, and those of ``nasfer pareto``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from nasfer.report.formats import PICTURES, TRAINED_FORMATS, check_formats
from nasfer.report.front import Front
from nasfer.report.published import printed_table
from nasfer.report.tables import to_csv, write_table
from nasfer.report.tunings.failures import failures_table
from nasfer.report.tunings.page import write_page
from nasfer.report.tunings.plot import plot_trained
from nasfer.report.tunings.table import LONG, ended_table
from nasfer.report.tunings.texts import trained_csv, trained_latex, trained_markdown
from nasfer.runs.atomic import discard, make_folder
from nasfer.runs.folder import write_atomic
from nasfer.runs.tunings import Tuning, Tunings, open_tuning, open_tunings

FAILURES = "pareto_failures.csv"

TEXTS = {"csv": trained_csv, "md": trained_markdown, "tex": trained_latex}
"""Text formats of a front by file ending."""

RESULTS_FILE = "results.csv"
FAILURES_FILE = "failures.csv"
PAGE_FILE = "report.html"


def write_results(run: Tuning) -> pd.DataFrame:
    """Write what a tune run came to into its own folder; return its candidates.

    ``results.csv`` is the `ended_table`, exact; ``failures.csv`` is there where trials failed,
    ``report.html`` where one was trained to its end. Files of an earlier call are replaced, or
    removed where they no longer hold.

    Raises:
        RunFolderError: a file cannot be written, or the ledger is damaged or empty.
    """
    run = open_tuning(run)
    folder, table, failures = run.folder, ended_table(run), failures_table(run)
    exact = table.drop(columns=[name for name in LONG if name != "structure"])
    write_atomic(folder / RESULTS_FILE, to_csv(exact))
    for name in (FAILURES_FILE, PAGE_FILE):
        discard(folder / name)
    if len(failures):
        write_table(failures, folder / FAILURES_FILE)
    if table["seeds"].any():
        write_page([run], folder / PAGE_FILE)
    return table


def read_failures(folder: Path) -> pd.DataFrame:
    """Return the failed trials that `write_results` wrote down, empty where none failed."""
    path = folder / FAILURES_FILE
    return pd.read_csv(path, dtype={"digest": str}) if path.exists() else pd.DataFrame()


def write_trained_files(
    runs: Tunings,
    front: Front,
    formats: Sequence[str],
    out: str | Path,
    *,
    printed: bool = False,
) -> list[Path]:
    """Write ``pareto.<format>`` for each format, and ``pareto_failures.csv`` where a trial failed.

    One of an earlier call is removed where none failed. Without a format nothing is written.

    Args:
        runs: tune runs, or their folders.
        front: of their candidates, with the failures.
        formats: of `TRAINED_FORMATS`.
        out: folder of the files; made if missing.
        printed: add the papers' figures to the tables, as rows of their own.
    Returns:
        The files that were written.
    Raises:
        RunFolderError: a file cannot be written.
        UnknownNameError: no such format.
    """
    check_formats(formats, TRAINED_FORMATS)
    if not formats:
        return []
    opened, out = open_tunings(runs), Path(out)
    make_folder(out)
    figures = printed_table() if printed else None
    written = [out / f"pareto.{name}" for name in formats]
    for name, path in zip(formats, written):
        if name in PICTURES:
            plot_trained(front, path, f"{len(front.table)} trained networks")
        elif name == "html":
            write_page(opened, path, front.x, front.y)
        else:
            write_atomic(path, TEXTS[name](front, figures))
    if len(front.failures):
        write_table(front.failures, out / FAILURES)
        written.append(out / FAILURES)
    else:
        discard(out / FAILURES)
    return written
