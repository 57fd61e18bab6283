"""What a predictor learns from: features and accuracies of trained networks, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nasfer.errors import PoolError
from nasfer.features import FactReader, Feature, all_features, feature_values
from nasfer.pools import Pool

LEAST = 3
"""Fewer networks than these have no order that could be learnt."""

MOST = 1_000
"""Networks that a model learns from, at most: what it costs grows with their cube."""


@dataclass(frozen=True)
class Examples:
    """Networks with what they reached.

    Args:
        features: one a column of ``values``.
        values: ``(n, d)``.
        accuracies: ``(n,)`` in percent.
        noise: ``(n,)`` variance of each accuracy over seeds, in squared percent; 0 where no
            network was trained twice, so that nothing is known of it.
    """

    features: tuple[Feature, ...]
    values: np.ndarray
    accuracies: np.ndarray
    noise: np.ndarray

    def __len__(self) -> int:
        return len(self.accuracies)

    def rows(self, indices: Sequence[int] | np.ndarray) -> Examples:
        """Return some of the networks."""
        kept = np.asarray(indices, dtype=int)
        return Examples(self.features, self.values[kept], self.accuracies[kept], self.noise[kept])

    def columns(self, indices: Sequence[int] | np.ndarray) -> Examples:
        """Return the same networks with some of the features."""
        kept = [int(index) for index in indices]
        features = tuple(self.features[index] for index in kept)
        return Examples(features, self.values[:, kept], self.accuracies, self.noise)


def check_pool(pool: Pool) -> None:
    """Refuse a pool that teaches nothing.

    Raises:
        PoolError: of fewer than three networks, of several image sizes or none, or all accuracies
            are equal.
    """
    if len(pool) < LEAST:
        what = "network" if len(pool) == 1 else "networks"
        raise PoolError(f"{pool.name}: {len(pool)} {what}; {LEAST} at least are needed to learn")
    sizes = sorted({network.resolution for network in pool.networks})
    if sizes[0] < 1:
        raise PoolError(f"{pool.name}: nothing says at which `resolution` the networks trained")
    if len(sizes) > 1:
        shown = ", ".join(f"{size} px" for size in sizes[:5])
        raise PoolError(f"{pool.name}: images of {shown}; features are read at one size")
    if np.ptp(pool.accuracies) == 0:
        value = float(pool.accuracies[0])
        raise PoolError(f"{pool.name}: all accuracies are {value:g}; nothing can be learnt of them")


def examples_of(pool: Pool) -> Examples:
    """Return a pool's networks as arrays.

    Raises:
        PoolError: as `check_pool`.
    """
    check_pool(pool)
    features = all_features()
    facts = FactReader(pool.networks[0].resolution).read(pool.archs)
    noise = pool.noise or 0.0
    seeds = np.array([network.seeds for network in pool.networks])
    return Examples(features, feature_values(facts, features), pool.accuracies, noise**2 / seeds)
