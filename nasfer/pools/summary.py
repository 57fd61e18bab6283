"""What is in a pool, in a few figures."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from nasfer.pools.pool import Pool


def summary(pool: Pool) -> dict[str, Any]:
    """Return the figures of a pool as plain data.

    Returns:
        ``networks`` and ``trainings``; ``accuracy``, ``flops`` and ``params`` as lowest, median and
        highest (accuracy in percent); ``noise``, the standard deviation of a training over seeds in
        percent, and ``signal_to_noise``, the accuracies' standard deviation over it, both ``None``
        where no network was trained twice; ``families`` with their networks; ``losses``, networks
        whose training losses are known; ``resolution``, ``dataset``, ``recipe``, of which mixed
        pools and those that do not tell have 0 and empty texts.
    """
    noise = pool.noise
    spread = float(pool.accuracies.std(ddof=1)) if len(pool) > 1 else 0.0
    return {
        "name": pool.name,
        "networks": len(pool),
        "trainings": sum(network.seeds for network in pool.networks),
        "accuracy": _range([network.accuracy for network in pool.networks]),
        "noise": noise,
        "signal_to_noise": spread / noise if noise else None,
        "flops": _range([network.flops for network in pool.networks]),
        "params": _range([network.params for network in pool.networks]),
        "families": dict(Counter(network.family for network in pool.networks)),
        "losses": sum(bool(network.losses) for network in pool.networks),
        "resolution": pool.resolution,
        "dataset": pool.dataset,
        "recipe": pool.recipe,
    }


def _range(values: list[float] | list[int]) -> list[float]:
    """Return lowest, median and highest, as numbers of the values' own kind."""
    kind = type(values[0])
    return [kind(value) for value in (min(values), np.median(values), max(values))]
