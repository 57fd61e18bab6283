"""Pools as CSV files, one row a training or a network: written by nasfer, by hand, by others."""

from __future__ import annotations

import re
import statistics
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from nasfer.arch import Arch, parse_arch
from nasfer.errors import NasferWarning, PoolError, SpecError
from nasfer.pools.cells import read_cells
from nasfer.pools.counting import counted
from nasfer.pools.joining import Trained
from nasfer.pools.pool import Pool
from nasfer.runs.atomic import make_folder, write_atomic

RESOLUTION = 224
"""Pixels that are taken where a table says none: the default everywhere in nasfer."""

LAST = 3
"""Epochs whose mean validation accuracy counts where a table has a column for each epoch."""


@dataclass(frozen=True, slots=True)
class _Row:
    """The columns that are read; `Trained` has what they mean."""

    structure: str
    accuracy: float | None = None
    resolution: int | None = None
    dataset: str = ""
    recipe: str = ""
    seed: int | None = None
    seeds: int = 1
    spread: float | None = None
    family: str = ""
    flops: int | None = None
    params: int | None = None


LIMITS: Mapping[str, tuple[float, float]] = {
    "accuracy": (0, 100), "resolution": (1, 8192), "seed": (0, 2**63), "seeds": (1, 10**6),
    "spread": (0, 100), "flops": (0, 10**18), "params": (0, 10**18),
}  # fmt: skip


def read_table(path: Path) -> list[Trained]:
    """Read a table of trained networks; the columns ``structure`` and ``accuracy`` are needed.

    ``resolution``, ``dataset``, ``recipe``, ``seed``, ``seeds``, ``spread``, ``family``, ``flops``,
    ``params`` and ``train_loss_1``, ``train_loss_2``, ... are read where they are there; others are
    not. Accuracies that are all at most 1 are shares, and become percent. Where there is no
    ``accuracy``, the mean of the last three of ``val_accuracy_1``, ``val_accuracy_2``, ... is one.

    ``flops`` and ``params`` that nasfer counts otherwise (other counters, another last layer) are
    warned of; nasfer's are used.

    Raises:
        PoolError: a cell cannot be what its column says.
    """
    read = list(_read_rows(path))
    if not read:
        raise PoolError(f"{path}: no network under the names of its columns")
    share = all(row.accuracy is not None and row.accuracy <= 1 for _, row, _, _ in read)
    if any(row.resolution is None for _, row, _, _ in read):
        warnings.warn(
            f"{path}: no resolution for some networks; {RESOLUTION} px is taken",
            NasferWarning, stacklevel=2,
        )  # fmt: skip
    found, miscounted = [], 0
    for where, row, arch, losses in read:
        size = row.resolution or RESOLUTION
        miscounted += _counts_otherwise(where, row, arch, size)
        factor = 100.0 if share else 1.0
        assert row.accuracy is not None  # _read_rows has seen to it
        found.append(
            Trained(
                where, arch, factor * row.accuracy, row.dataset, size, row.recipe, row.seed,
                row.seeds, None if row.spread is None else factor * row.spread, row.family, losses,
            )
        )  # fmt: skip
    if miscounted:
        warnings.warn(
            f"{path}: {miscounted:,} of {len(found):,} networks have other FLOPs or parameters than"
            " nasfer counts; nasfer's are used", NasferWarning, stacklevel=2,
        )  # fmt: skip
    return found


def _read_rows(path: Path) -> Any:
    for where, cells in read_cells(path, ("structure",)):
        row = _typed(cells, where)
        if row.accuracy is None:
            row = replace(row, accuracy=_last_epochs(cells, where))
        try:
            arch = parse_arch(row.structure)
        except SpecError as error:
            raise PoolError(f"{where}: structure: {error}") from None
        yield where, row, arch, tuple(_by_epoch(cells, "train_loss", where))


def _typed(cells: Mapping[str, str], where: str) -> _Row:
    from pydantic import ValidationError

    try:
        row: _Row = _row_reader().validate_python(
            {name: cell for name, cell in cells.items() if name in _Row.__match_args__}
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise PoolError(f"{where}: {first['loc'][0]}: {first['msg'].lower()}") from None
    for name, (low, high) in LIMITS.items():
        value = getattr(row, name)
        if value is not None and not low <= value <= high:
            raise PoolError(f"{where}: {name}: {cells[name][:40]}; {low:,} to {high:,} is allowed")
    return row


@cache
def _row_reader() -> Any:
    from pydantic import TypeAdapter  # 0.1 s, for files only

    return TypeAdapter(_Row)


def _last_epochs(cells: Mapping[str, str], where: str) -> float:
    values = _by_epoch(cells, "val_accuracy", where)
    if not values:
        raise PoolError(f"{where}: no accuracy; a column 'accuracy' is needed")
    return statistics.fmean(values[-LAST:])


def _by_epoch(cells: Mapping[str, str], name: str, where: str) -> list[float]:
    """Return the numbers of ``name_1``, ``name_2`` and so on, as far as they go on."""
    found: list[float] = []
    while (cell := cells.get(f"{name}_{len(found) + 1}")) is not None:
        if not re.fullmatch(r"[-+]?[0-9.]{1,30}(?:[eE][-+]?[0-9]{1,2})?", cell):
            raise PoolError(f"{where}: {name}_{len(found) + 1}: {cell[:40]!r} is not a number")
        found.append(float(cell))
    return found


def _counts_otherwise(where: str, row: _Row, arch: Arch, size: int) -> bool:
    """Whether the costs of a row, if it has them, are not those that nasfer counts."""
    try:
        cost = counted(arch, size)
    except SpecError as error:
        raise PoolError(f"{where}: {error}") from None
    return row.params not in (None, cost.params) or row.flops not in (None, cost.flops)


def write_pool(pool: Pool, path: str | Path) -> None:
    """Write a pool as a CSV file, one row a network, which `read_pool` reads to an equal one.

    Raises:
        PoolError: the file's name does not end in ``.csv``.
        RunFolderError: it cannot be written.
    """
    file = Path(path)
    if file.suffix != ".csv":
        raise PoolError(f"`out`: {file} does not end in .csv")
    make_folder(file.parent)
    write_atomic(file, pool.frame().to_csv(index=False))
