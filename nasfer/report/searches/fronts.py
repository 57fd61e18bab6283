"""The front of several searches: their networks joined, and its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from nasfer.errors import RunFolderError
from nasfer.report.folders import Folders, paths_of
from nasfer.report.formats import FOUND_FORMATS, PICTURES, check_formats
from nasfer.report.front import Front
from nasfer.report.searches.files import read_tables
from nasfer.report.searches.plot import plot_fronts
from nasfer.report.tables import write_table
from nasfer.runs.atomic import make_folder


def read_found(folders: Folders) -> pd.DataFrame:
    """Return the networks that finished searches found, with a column ``run``.

    A network that stands twice is kept once.

    Raises:
        RunFolderError: a folder is of no search, not finished, or damaged.
    """
    tables = []
    for run in paths_of(folders):
        candidates, front = read_tables(run)
        try:
            candidates = candidates.assign(zen=candidates["zen_closed_form"])
            both = pd.concat([front, candidates[front.columns]])
        except (KeyError, ValueError) as error:
            raise RunFolderError(f"{run}: its tables are damaged: {error}") from None
        tables.append(both.assign(run=run.name))
    joined = pd.concat(tables).drop_duplicates("digest").reset_index(drop=True)
    return joined[["run", *(name for name in joined.columns if name != "run")]]


def write_found_files(front: Front, formats: Sequence[str], out: str | Path) -> list[Path]:
    """Write ``pareto.<format>`` for each format; tables hold the networks on the front.

    Args:
        front: of a `read_found` table.
        formats: of `FOUND_FORMATS`.
        out: folder of the files; made if missing.
    Returns:
        The files that were written.
    Raises:
        RunFolderError: a file cannot be written.
        UnknownNameError: no such format.
    """
    check_formats(formats, FOUND_FORMATS)
    written = [Path(out) / f"pareto.{name}" for name in formats]
    for name, path in zip(formats, written):
        make_folder(path.parent)
        if name in PICTURES:
            title = f"Pareto front of {len(front.table)} networks"
            plot_fronts(front.table, [front.x], front.y, path, title)
        else:
            write_table(front.rows, path)
    return written
