"""From trainings to a pool: seeds joined, costs counted, what does not belong together refused."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nasfer.arch import Arch
from nasfer.errors import PoolError, SpecError
from nasfer.pools.counting import counted
from nasfer.pools.families import family_of
from nasfer.pools.pool import Pool, PooledNetwork

MUST_AGREE = ("dataset", "resolution", "recipe")
"""Accuracies of networks that differ in one of these cannot be compared."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A line of a source: a training, or several of one network.

    Args:
        where: it stands, for messages.
        arch: what was trained.
        accuracy: in percent; the mean where there are several.
        seed: of the training, where it is known.
        seeds: trainings that the mean is of.
        spread: their sample standard deviation; ``None`` where it is not known.
        family: where it is known; else it is found.
        losses: training loss by epoch.
    """

    where: str
    arch: Arch
    accuracy: float
    dataset: str = ""
    resolution: int = 0
    recipe: str = ""
    seed: int | None = None
    seeds: int = 1
    spread: float | None = None
    family: str = ""
    losses: tuple[float, ...] = ()


def join(trainings: Sequence[Trained], name: str, *, mixed: bool) -> Pool:
    """Return the pool of some trainings: one network for all seeds of a structure.

    A training that stands there twice, with its seed, counts once.

    Args:
        trainings: at least one.
        name: of the pool.
        mixed: allow several data sets, sizes and recipes; what differs is one network each.
    Raises:
        PoolError: data set, size or recipe differ, and the message names both; or a network cannot
            read images of its size.
    """
    common = {field: _common(field, trainings, mixed=mixed) for field in MUST_AGREE}
    groups: dict[tuple[object, ...], dict[object, Trained]] = {}
    for number, one in enumerate(trainings):
        key = (one.arch, one.dataset, one.resolution, one.recipe)
        itself = number if one.seed is None else (one.seed, one.accuracy)
        groups.setdefault(key, {}).setdefault(itself, one)
    networks = tuple(_network(list(group.values())) for group in groups.values())
    return Pool(networks, name=name, **common)


def _common(field: str, trainings: Sequence[Trained], *, mixed: bool) -> Any:
    """Return what all trainings have; of mixed ones, which may differ, nothing."""
    first = getattr(trainings[0], field)
    other = next((one for one in trainings if getattr(one, field) != first), None)
    if other is None:
        return first
    if not mixed:
        raise PoolError(
            f"{field}: {_said(trainings[0], field)}, {_said(other, field)};"
            " networks of one are compared, or `mixed` ones"
        )
    return type(first)()


def _said(one: Trained, field: str) -> str:
    value = getattr(one, field)
    return f"{one.where} has {value!r}" if value else f"{one.where} names none"


def _network(group: Sequence[Trained]) -> PooledNetwork:
    first = group[0]
    seeds, mean, spread = pooled([(one.seeds, one.accuracy, one.spread) for one in group])
    try:
        cost = counted(first.arch, first.resolution)
    except SpecError as error:
        raise PoolError(f"{first.where}: {error}") from None
    return PooledNetwork(
        first.arch,
        mean,
        seeds,
        spread,
        cost.flops,
        cost.params,
        first.family or family_of(first.arch),
        _mean_losses([one.losses for one in group]),
        first.dataset,
        first.resolution,
        first.recipe,
    )


def pooled(parts: Sequence[tuple[int, float, float | None]]) -> tuple[int, float, float | None]:
    """Join means of groups of trainings: ``(count, mean, sample standard deviation)`` each.

    The deviation is ``None`` for one training, or where that of a group of several is not known.

    Example:
        >>> pooled([(1, 1.0, None), (1, 3.0, None), (1, 5.0, None)])
        (3, 3.0, 2.0)
        >>> pooled([(2, 2.0, 2**0.5), (1, 5.0, None)])  # 1, 3 and 5 again
        (3, 3.0, 2.0)
    """
    count = sum(n for n, _, _ in parts)
    mean = sum(n * value for n, value, _ in parts) / count
    if count == 1 or any(n > 1 and spread is None for n, _, spread in parts):
        return count, mean, None
    within = sum((n - 1) * (spread or 0.0) ** 2 for n, _, spread in parts)
    between = sum(n * (value - mean) ** 2 for n, value, _ in parts)
    return count, mean, math.sqrt((within + between) / (count - 1))


def _mean_losses(curves: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """Return the mean curve of the trainings that went on longest."""
    longest = max(map(len, curves))
    whole = [curve for curve in curves if len(curve) == longest]
    return tuple(sum(values) / len(whole) for values in zip(*whole))
