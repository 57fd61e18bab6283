"""What `nasfer learn` learnt: the predictor, and the figures that say how far to trust it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nasfer.pools.agreement import Agreement
from nasfer.predictors import Predictor
from nasfer.predictors.judging import FIGURES
from nasfer.report.predictions.holding import Held


@dataclass(frozen=True)
class Learnt:
    """A predictor, and how predictors learnt in the same way order networks not learnt from.

    Args:
        predictor: learnt from all networks of the pool, or from those of the first draw.
        kind: that was asked for: ``auto`` may have chosen another model each time.
        draws: one of all networks by folds, or several of samples.
        accuracies: ``(n,)`` of the pool, in percent.
        budget: that was named, FLOPs.
        method: how networks were kept apart from what was learnt, in words.
    """

    predictor: Predictor
    kind: str
    draws: Sequence[Held]
    accuracies: np.ndarray
    budget: int | None
    method: str

    def figures(self, name: str) -> dict[str, float | None]:
        """Return the figures of the predictor or of a free proxy: means over the draws.

        Each of `FIGURES` with the ends of its interval as ``_low`` and ``_high``; ``tau_std`` is
        the deviation of tau over draws, of a single one that of its resamples, a quarter of the
        interval. ``None`` where there are too few networks.
        """
        found: dict[str, float | None] = {}
        for figure in FIGURES:
            several = [getattr(held.judgements[name], figure) for held in self.draws]
            for part, ending in (("value", ""), ("low", "_low"), ("high", "_high")):
                found[figure + ending] = _mean([getattr(one, part) for one in several])
        taus: list[Agreement] = [held.judgements[name].tau for held in self.draws]
        values = [tau.value for tau in taus]
        one = (taus[0].high - taus[0].low) / 4
        spread = float(np.std(values, ddof=1)) if len(values) > 1 else one
        found["tau_std"] = None if math.isnan(spread) else spread
        return found

    def unscored(self, name: str) -> int:
        """Return how many judged networks a proxy cannot score, over all draws."""
        return sum(held.unscored[name] for held in self.draws)

    def names(self) -> list[str]:
        """Return the predictor's kind and the free proxies, best tau first."""
        free = [name for name in self.draws[0].judgements if name != self.kind]
        return [self.kind, *sorted(free, key=lambda name: -(self.figures(name)["tau"] or -2.0))]

    def plain(self) -> dict[str, Any]:
        """Return plain data, as ``nasfer learn --json`` prints it."""
        about = self.predictor.about
        return {
            "predictor": self.kind,
            "model": self.predictor.model.kind,
            **self.figures(self.kind),
            "n": self.draws[0].learnt,
            "judged": len(self.draws[0].judged),
            "repeats": len(self.draws),
            "method": self.method,
            "budget": self.budget,
            "features": [feature.name for feature in self.predictor.model.features],
            "digest": self.predictor.digest,
            "pool": about.pool,
            "dataset": about.dataset,
            "resolution": about.resolution,
            "noise": about.noise,
            "proxies": {
                name: {**self.figures(name), "unscored": self.unscored(name)}
                for name in self.names()[1:]
            },
        }

    def table(self) -> pd.DataFrame:
        """Return one row a score: ``score`` and the figures of `figures`."""
        return pd.DataFrame([{"score": name, **self.figures(name)} for name in self.names()])


def _mean(values: Sequence[float]) -> float | None:
    known = [value for value in values if not math.isnan(value)]
    return float(np.mean(known)) if known else None
