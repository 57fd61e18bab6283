"""What a public table of trained networks is to nasfer: how it is known, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nasfer.arch import Arch
from nasfer.errors import PoolError, SpecError
from nasfer.pools.counting import counted
from nasfer.pools.joining import Trained, pooled
from nasfer.reading import load_json
from nasfer.registry import Registry

LARGEST = 2**26
"""Bytes of a table."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A network of a table, and what the table says of it.

    Args:
        name: in the table, for messages.
        arch: the network.
        accuracies: in percent, one a training.
        params: of the network, by the table.
        macs: its multiply-adds, by the table.
    """

    name: str
    arch: Arch
    accuracies: tuple[float, ...]
    params: int
    macs: int


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A public table.

    Args:
        name: before the colon of ``name:FILE``; the family of its networks, too.
        dataset: that they were trained on.
        resolution: side of the images, in pixels.
        recipe: for people.
        source: paper.
        macs: counts the multiply-adds of a network as the table does.
        looks_so: whether what a JSON file holds is this table.
        entries: reads it; raises ValueError where it is damaged.
    """

    name: str
    dataset: str
    resolution: int
    recipe: str
    source: str
    macs: Callable[[Arch], int]
    looks_so: Callable[[Any], bool]
    entries: Callable[[Any], Iterable[Entry]]


BENCHMARKS: Registry[Benchmark] = Registry("public table")
"""Every public table that nasfer reads, by name."""


def read_benchmark(path: Path, name: str | None = None) -> list[Trained]:
    """Return all networks of a public table; parameters and multiply-adds are counted again.

    Args:
        path: its file.
        name: of the table; ``None``: the one that the file looks like.
    Raises:
        UnknownNameError: no such table.
        PoolError: the file is damaged, or none that is known.
    """
    known = None if name is None else BENCHMARKS.get(name)
    data = load_json(path, PoolError, limit=LARGEST)
    if known is None:
        known = next((one for one in BENCHMARKS if one.looks_so(data)), None)
    if known is None:
        raise PoolError(f"{path}: no public table; known: {', '.join(BENCHMARKS.names())}")
    try:
        found = [_trained(known, entry, path) for entry in known.entries(data)]
    except (ValueError, SpecError) as error:
        raise PoolError(f"{path}: no table of {known.name}: {error}") from None
    if not found:
        raise PoolError(f"{path}: no network")
    return found


def _trained(table: Benchmark, entry: Entry, path: Path) -> Trained:
    """Return an entry as a line of a pool, if its structure is what was trained."""
    params = counted(entry.arch, table.resolution).params
    macs = table.macs(entry.arch)
    for what, said, own in (("params", entry.params, params), ("macs", entry.macs, macs)):
        if said != own:
            raise ValueError(f"{entry.name}: {what}: {said:,}, but the network has {own:,}")
    seeds, mean, spread = pooled([(1, accuracy, None) for accuracy in entry.accuracies])
    return Trained(
        f"{path}: {entry.name}", entry.arch, mean, table.dataset, table.resolution, table.recipe,
        seeds=seeds, spread=spread, family=table.name,
    )  # fmt: skip


def validated(kind: Any, data: Any) -> Any:
    """Return data as a type that pydantic reads.

    Raises:
        ValueError: it is of another; one line says where.
    """
    from pydantic import TypeAdapter, ValidationError  # 0.1 s, for files only

    try:
        return TypeAdapter(kind).validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))[:100]
        raise ValueError(f"{place}: {first['msg'].lower()}") from None
