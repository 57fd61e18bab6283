"""The derived files of a search's run folder, and their way back into tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from nasfer.arch import arch_to_dict
from nasfer.errors import RunFolderError
from nasfer.reading import check_file
from nasfer.report.pareto import pareto_front
from nasfer.report.searches.plot import REFERENCE, plot_fronts
from nasfer.report.tables import write_table
from nasfer.runs.fingerprints import check_unchanged
from nasfer.runs.folder import read_run, write_atomic
from nasfer.searching import Candidate, SearchResult

CANDIDATES = "candidates.csv"
FRONT = "front.csv"
FAMILIES = "families.csv"

LARGEST = 2**26
"""Bytes of a table."""

NUMBERS = ("flops", "params")
WORDS = ("digest", "structure")
"""Columns that all tables of networks have; others may be missing or empty."""


def candidates_table(candidates: list[Candidate], *, with_value: bool = False) -> pd.DataFrame:
    """Return the ranked candidates as a table, one row each, rank 1 first."""
    rows = [candidate.row(with_value=with_value) for candidate in candidates]
    table = pd.DataFrame(rows)
    table.insert(0, "rank", range(1, len(rows) + 1))
    return table


def front_table(result: SearchResult) -> pd.DataFrame:
    """Return every network that no other one beats in score, FLOPs and params at once.

    ``zen`` is the closed form, which exists for all; the measured score stands beside it where
    there is one. Objectives without a closed form use the objective's value.
    """
    rows = []
    for candidate in [*result.front, *result.candidates]:
        row = candidate.row()
        closed = candidate.closed_form
        rows.append({"zen": candidate.value if closed is None else closed, **row})
    table = pd.DataFrame(rows).drop_duplicates("digest")
    front = pareto_front(table, ["flops", "params", "zen"])
    order = [
        "digest",
        "family",
        "zen",
        "zen_mean",
        "zen_std",
        "flops",
        "macs",
        "params",
        "layers",
        "structure",
    ]
    return front[[name for name in order if name in front]]


def families_table(result: SearchResult) -> pd.DataFrame:
    """Return the best candidate of each family, best first; ``note`` says why there is none."""
    table = pd.DataFrame(result.family_rows())
    return table.astype(dict.fromkeys(("flops", "macs", "params", "layers"), "Int64"))


def write_run_files(
    path: str | Path,
    result: SearchResult,
    title: str,
    references: Mapping[str, Candidate],
    *,
    with_value: bool,
) -> list[str]:
    """Write ``candidates.csv``, ``best.yaml``, ``best_structure.txt`` and ``front.csv|md|png``.

    A search of several families also gets ``families.csv|md``.

    Args:
        references: published networks by name, drawn into the plot beside the front.
        with_value: add the objective's value to the candidates' table.
    Returns:
        The names of the files that were written.
    """
    path, best = Path(path), result.best
    write_table(candidates_table(result.candidates, with_value=with_value), path / CANDIDATES)
    write_atomic(path / "best.yaml", yaml.safe_dump(arch_to_dict(best.arch), sort_keys=False))
    write_atomic(path / "best_structure.txt", f"{best.arch}\n")
    if result.chosen_family is not None:
        families = families_table(result)
        write_table(families, path / FAMILIES)
        write_table(families, path / "families.md")
    front = front_table(result)
    write_table(front, path / FRONT)
    write_table(front, path / "front.md")
    published = pd.DataFrame(
        [
            {"name": name, "zen": c.value, REFERENCE: True, **c.row()}
            for name, c in references.items()
        ]
    )
    unnamed: dict[str, Any] = {REFERENCE: False, "name": ""}
    shown = pd.concat([front.assign(**unnamed), published])
    plot_fronts(shown, ["flops", "params"], "zen", path / "front.png", title)
    names = [CANDIDATES, "best.yaml", "best_structure.txt", FRONT, "front.md", "front.png"]
    return names + ([] if result.chosen_family is None else [FAMILIES, "families.md"])


def read_tables(run: str | Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the candidates and the front of a finished run folder.

    Raises:
        RunFolderError: no run folder, not finished, or its tables are missing or damaged.
    """
    run = Path(run)
    told = read_run(run)
    if not told.finished:
        raise RunFolderError(
            f"{run}: the run is not finished; the same search command goes on with it"
        )
    check_unchanged(run, told.files, (CANDIDATES, FRONT), "the same search makes it anew")
    tables = []
    for name in (CANDIDATES, FRONT):
        tables.append(_table(run / name))
    return tables[0], tables[1]


def _table(path: Path) -> pd.DataFrame:
    """Read a table of networks; of older runs nobody knows how it was."""
    check_file(path, LARGEST, RunFolderError)
    try:
        table = pd.read_csv(path)
        for name in NUMBERS:
            table[name] = pd.to_numeric(table[name])
        for name in WORDS:
            table[name] = table[name].astype(str)
    except KeyError as error:
        raise RunFolderError(f"{path}: damaged: no column {error}") from None
    except (OSError, ValueError, TypeError, OverflowError) as error:
        reason = " ".join(str(error).split())
        raise RunFolderError(f"{path}: cannot be read: {reason}") from None
    return table
