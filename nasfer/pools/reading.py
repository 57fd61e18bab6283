"""`read_pool`: tune run folders, CSV files and public tables as one pool."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from nasfer.errors import PoolError
from nasfer.pools.benchmarks import read_benchmark
from nasfer.pools.joining import Trained, join
from nasfer.pools.pool import Pool
from nasfer.pools.runs import read_runs
from nasfer.pools.table import read_table
from nasfer.runs.naming import absolute_path

_NAMED = re.compile(r"(?P<name>[A-Za-z]\w+):(?P<path>.+)", re.DOTALL)


def read_pool(*sources: str | Path, mixed: bool = False) -> Pool:
    """Read trained networks from one source or several.

    Trainings of one structure with several seeds, in whatever source, become one network; data
    set, size and recipe must agree.

    Args:
        sources: run folders of `nasfer tune`; CSV files with the columns ``structure`` and
            ``accuracy`` (`nasfer.pools.table.read_table`); public tables as
            ``nas_bench_macro:FILE``, ``accel_nasbench:FILE`` or the bare ``.json`` file.
        mixed: allow several data sets, sizes and recipes.
    Raises:
        PoolError: a source is none of these, is damaged, has no accuracy, or they do not agree.
        RunFolderError: a folder of no tune run, or a damaged one.
        UnknownNameError: a table that is not known.
    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "pool.csv"
        >>> _ = file.write_text("structure,accuracy,resolution\\n"
        ...     '"SuperConvK3BNRELU(3,8,2,1)",31.5,48\\n"SuperConvK3BNRELU(3,8,2,1)",32.5,48\\n')
        >>> pool = read_pool(file)
        >>> len(pool), pool.networks[0].accuracy, pool.networks[0].seeds, pool.resolution
        (1, 32.0, 2, 48)
    """
    if not sources:
        raise PoolError("no source: a run folder, a CSV file or a public table is needed")
    trainings: list[Trained] = []
    folders: list[Path] = []
    names = []
    for source in sources:
        name, path = _told_apart(source)
        names.append(path.name or str(path))
        if os.path.isdir(path) and name is None:
            folders.append(path)
        elif name is not None or path.suffix == ".json":
            trainings += read_benchmark(path, name)
        else:
            trainings += read_table(path)
    if folders:
        trainings += read_runs(folders, mixed=mixed)
    return join(trainings, ", ".join(names), mixed=mixed)


def _told_apart(source: str | Path) -> tuple[str | None, Path]:
    """Return the name of the public table, if one is said, and the path."""
    path = Path(source)
    said = _NAMED.fullmatch(str(source))
    if said is None or os.path.exists(path):
        return None, path
    return said["name"], Path(said["path"])


def describe_sources(sources: Sequence[str | Path]) -> list[str]:
    """Return the sources as they stand in records: tables with their name, paths absolute."""
    found = []
    for source in sources:
        name, path = _told_apart(source)
        whole = absolute_path(path)
        found.append(f"{name}:{whole}" if name else whole)
    return found
