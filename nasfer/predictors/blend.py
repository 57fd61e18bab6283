"""Several Gaussian processes on several sets of features, blended by cross-validation.

No set of features is best for every pool: with twenty networks a few aggregates are, with a
hundred the fields of each place help. So a process is fitted on each set, and each counts by the
density that it gives to the examples it has not seen (leave one out, in closed form).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nasfer.features import Feature
from nasfer.predictors.examples import Examples
from nasfer.predictors.kernel import Kernel
from nasfer.predictors.process import Process, fit_process
from nasfer.predictors.scaling import Scaling, telling_columns

TEMPER = 0.5
"""Power of the densities that shares are in proportion to: they are estimates themselves, and
small pools would choose one process by chance."""

LEAST_SHARE = 0.01
"""Of a process in the blend; one that counts less is left out."""


@dataclass(frozen=True)
class Blend:
    """Processes that share examples and scales.

    Args:
        processes: at least one.
        shares: of each, together 1.
        scaling: of the features.
        level: mean accuracy of the examples, in percent.
        spread: their deviation.
    """

    processes: tuple[Process, ...]
    shares: tuple[float, ...]
    scaling: Scaling
    level: float
    spread: float

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Return ``(n,)`` accuracies in percent."""
        inputs = self.scaling(values)
        kernels = (process.predict_mean(inputs) for process in self.processes)
        together: np.ndarray = sum(
            share * mean for share, mean in zip(self.shares, kernels)
        ) + np.zeros(len(values))
        return self.level + self.spread * together

    def std(self, values: np.ndarray) -> np.ndarray:
        """Return ``(n,)`` deviations in percent, of the mixture."""
        inputs = self.scaling(values)
        first, second = np.zeros(len(values)), np.zeros(len(values))
        for share, process in zip(self.shares, self.processes):
            mean, variance = process.predict(inputs)
            first += share * mean
            second += share * (variance + np.exp(process.kernel.noise) + mean**2)
        deviation: np.ndarray = self.spread * np.sqrt(np.maximum(0, second - first**2))
        return deviation

    def doubt(self, values: np.ndarray) -> np.ndarray:
        """Return ``(n,)`` shares of the prior's deviation that are left."""
        inputs = self.scaling(values)
        left = np.zeros(len(values))
        for share, process in zip(self.shares, self.processes):
            left += share * process.predict(inputs)[1] / max(1e-12, process.prior_variance)
        doubt: np.ndarray = np.sqrt(left)
        return doubt

    @cached_property
    def held_out(self) -> np.ndarray:
        """``(n,)`` accuracies of the examples as the others predict them, in percent."""
        means = (process.held_out[0] for process in self.processes)
        together = sum(share * mean for share, mean in zip(self.shares, means))
        return np.asarray(self.level + self.spread * together)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        one = self.processes[0]
        return {
            "level": self.level,
            "spread": self.spread,
            "centre": self.scaling.centre.tolist(),
            "scale": self.scaling.scale.tolist(),
            "inputs": one.inputs.tolist(),
            "targets": one.targets.tolist(),
            "noise": one.noise.tolist(),
            "processes": [
                {
                    "share": share, "groups": [list(group) for group in process.groups],
                    "smooth": process.kernel.smooth, "nearness": list(process.kernel.nearness),
                    "linear": list(process.kernel.linear), "noise": process.kernel.noise,
                }
                for share, process in zip(self.shares, self.processes)
            ],
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Blend:
        """Return the blend of such data, as `nasfer.predictors.forms` checked them."""
        arrays = (np.array(data[name], dtype=float) for name in ("inputs", "targets", "noise"))
        inputs, targets, noise = arrays
        processes = tuple(
            Process(
                Kernel(one["smooth"], tuple(one["nearness"]), tuple(one["linear"]), one["noise"]),
                tuple(map(tuple, one["groups"])), inputs, targets, noise,
            )
            for one in data["processes"]
        )  # fmt: skip
        scaling = Scaling(np.array(data["centre"], float), np.array(data["scale"], float))
        shares = tuple(one["share"] for one in data["processes"])
        return cls(processes, shares, scaling, data["level"], data["spread"])


def fit_blend(
    examples: Examples, sets: Sequence[Sequence[str]], *, smooth: bool, seed: int
) -> tuple[tuple[Feature, ...], Blend]:
    """Fit a process on each set of groups of features, and blend them.

    Args:
        examples: to learn from.
        sets: of each process, the groups that it reads; groups that say nothing are left out.
        smooth: whether kernels have their smooth part.
        seed: of what is drawn where there are very many examples.
    Returns:
        The features that the blend reads, in order, and the blend.
    """
    read = {group for groups in sets for group in groups}
    told = examples.columns([i for i, f in enumerate(examples.features) if f.group in read])
    kept = told.columns(telling_columns(told.values))
    columns: dict[str, list[int]] = {}
    for index, feature in enumerate(kept.features):
        columns.setdefault(feature.group, []).append(index)
    scaling = Scaling.of(kept.values)
    inputs = scaling(kept.values)
    level, spread = float(kept.accuracies.mean()), float(kept.accuracies.std())
    targets, noise = (kept.accuracies - level) / spread, kept.noise / spread**2
    distinct = dict.fromkeys(tuple(name for name in names if name in columns) for names in sets)
    processes = [
        fit_process(
            inputs, targets, noise, [columns[name] for name in names], smooth=smooth,
            rng=np.random.default_rng(seed),
        )
        for names in distinct if names
    ]  # fmt: skip
    shares = _shares(np.array([process.log_density for process in processes]))
    counted = [index for index in range(len(processes)) if shares[index]]
    blend = Blend(
        tuple(processes[index] for index in counted),
        tuple(float(shares[index]) for index in counted),
        scaling, level, spread,
    )  # fmt: skip
    return kept.features, blend


def _shares(density: np.ndarray) -> np.ndarray:
    """Return shares in proportion to tempered densities, given as logarithms; small ones become 0.

    Example:
        >>> _shares(np.log([9.0, 1.0, 0.0001])).round(3)
        array([0.75, 0.25, 0.  ])
    """
    shares = np.exp(TEMPER * (density - density.max()))
    shares /= shares.sum()
    shares = np.where(shares < LEAST_SHARE, 0, shares)
    return np.asarray(shares / shares.sum())
