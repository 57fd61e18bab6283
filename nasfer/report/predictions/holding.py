"""Hold a kind of predictor, and every free proxy, against networks that it has not learnt from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nasfer.errors import PoolError, ProxyError
from nasfer.pools import Pool
from nasfer.predictors import Examples, examples_of
from nasfer.predictors.examples import LEAST
from nasfer.predictors.folds import fitted_mean, predict_folds
from nasfer.predictors.judging import Judged, Judgement, judge
from nasfer.proxies import PROXIES, Settings

FEW = 50
"""Of so many networks one is left out at a time; of more, a tenth."""

FOLDS = 10

MOST_JUDGED = 1_500
"""Networks that one draw is judged on, at most."""

LEAST_JUDGED = 10

LOW = 0.75
"""Of the budget: from there on networks are drawn to be learnt from."""

RESAMPLES = 1_000
"""Of a bootstrap; several draws share them."""

Watch = Callable[[int, int], None]


@dataclass(frozen=True)
class Held:
    """One draw: networks that were predicted, and how they were scored.

    Args:
        learnt: how many networks were learnt from.
        drawn: places of these in the pool.
        judged: places of the networks that were predicted.
        predicted: ``(m,)`` accuracies, in percent.
        judgements: by name, the predictor's and each free proxy's.
        unscored: by proxy, networks that it cannot score; they are left out of its judgement.
    """

    learnt: int
    drawn: np.ndarray
    judged: np.ndarray
    predicted: np.ndarray
    judgements: dict[str, Judgement]
    unscored: dict[str, int]


def free_proxies() -> list[str]:
    """Return the proxies that read the structure alone: computed in a moment, without a draw."""
    return [entry.name for entry in PROXIES if not (entry.random or entry.measured)]


class Holder:
    """Judges predictors and free proxies on the networks of one pool.

    Args:
        pool: the networks.
        kind: of predictor.
        budget: ``B`` of the band, FLOPs; ``None``: the largest judged network's.
        seed: of what is drawn.
    Raises:
        PoolError: the pool teaches nothing.
    """

    def __init__(self, pool: Pool, kind: str, *, budget: int | None, seed: int) -> None:
        self.pool = pool
        self.kind = kind
        self.seed = seed
        self._budget = budget
        self._examples: Examples = examples_of(pool)
        self._flops = np.array([network.flops for network in pool.networks], dtype=float)
        self._scores: dict[str, dict[int, float]] = {name: {} for name in free_proxies()}

    @property
    def method(self) -> str:
        """How `folds` keeps networks apart, in words."""
        return "leave one out" if len(self.pool) <= FEW else f"{FOLDS} folds"

    def folds(self, watch: Watch) -> Held:
        """Predict every network by models that have not seen it: one out, or a tenth."""
        count = len(self.pool)
        folds = count if count <= FEW else FOLDS
        predicted = predict_folds(
            self._examples, self.kind, folds=folds, seed=self.seed, watch=watch
        )
        everything = np.arange(count)
        return self._held(everything, everything, predicted, RESAMPLES)

    def sampled(self, size: int, repeats: int, watch: Watch) -> list[Held]:
        """Draw networks, learn from them and judge on up to 1,500 others, several times.

        Raises:
            PoolError: there are too few networks for that.
        """
        candidates = self._near_budget()
        if not LEAST <= size <= len(candidates) - LEAST_JUDGED:
            raise PoolError(
                f"`sample`: {size} of {len(candidates)} networks{self._where()}; {LEAST} to"
                f" {len(candidates) - LEAST_JUDGED} leave {LEAST_JUDGED} to be judged"
            )
        held = []
        for repeat in range(repeats):
            order = np.random.default_rng([self.seed, repeat]).permutation(candidates)
            drawn, judged = order[:size], order[size : size + MOST_JUDGED]
            values = self._examples.values[judged]
            examples = self._examples.rows(drawn)
            predicted = fitted_mean(examples, values, self.kind, self.seed)
            held.append(self._held(drawn, judged, predicted, max(100, RESAMPLES // repeats)))
            watch(repeat + 1, repeats)
        return held

    def _near_budget(self) -> np.ndarray:
        if self._budget is None:
            return np.arange(len(self.pool))
        inside = (self._flops >= LOW * self._budget) & (self._flops <= self._budget)
        return np.flatnonzero(inside)

    def _where(self) -> str:
        return "" if self._budget is None else f" of {LOW:g} of the budget to the budget"

    def _held(
        self, drawn: np.ndarray, judged: np.ndarray, predicted: np.ndarray, resamples: int
    ) -> Held:
        judgements, unscored = {}, {}
        scores = {self.kind: predicted, **{name: self._free(name, judged) for name in self._scores}}
        for name, values in scores.items():
            known = ~np.isnan(values)
            places = judged[known]
            budget = float(self._budget or self._flops[judged].max())
            against = Judged(self.pool.accuracies[places], self._flops[places], budget)
            judgements[name] = judge(values[known], against, seed=self.seed, resamples=resamples)
            unscored[name] = int((~known).sum())
        return Held(len(drawn), drawn, judged, predicted, judgements, unscored)

    def _free(self, name: str, places: np.ndarray) -> np.ndarray:
        """Return a proxy's scores, larger is better; NaN where it does not apply."""
        entry, known = PROXIES.get(name), self._scores[name]
        sign = 1.0 if entry.higher_is_better else -1.0
        settings = Settings(resolution=self.pool.networks[0].resolution)
        for place in map(int, places):
            if place not in known:
                try:
                    score = float(entry.function(self.pool.networks[place].arch, settings))
                except ProxyError:
                    score = float("nan")
                known[place] = sign * score
        return np.array([known[int(place)] for place in places])
