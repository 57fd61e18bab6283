"""The evaluator that every proposal goes through: budget first, score only if it is kept."""

from __future__ import annotations

import gc
import math
from collections.abc import Sequence
from typing import NamedTuple

from nasfer.arch import Arch, Block
from nasfer.arch.ops import Shape
from nasfer.costs import block_cost, input_shape
from nasfer.errors import ProxyError
from nasfer.proxies import PROXIES, Settings
from nasfer.proxies.deepmad import effectiveness
from nasfer.proxies.learnt import LearntProxy
from nasfer.proxies.mean_field import Signal
from nasfer.proxies.zen_closed_form import block_terms, final_score
from nasfer.searching.budget import Budget
from nasfer.searching.objective import CLOSED_FORM, Objective

BATCH = 100
"""Proposals that a predictor scores at once; a divisor of the proposals between two states."""

MEMO_BLOCKS = 300_000
"""Blocks remembered at most; beyond it the memo starts anew, so memory stays bounded."""


class Outcome(NamedTuple):
    """How a proposal fared; a larger tuple is better, and a feasible one beats all others.

    Args:
        slack: 0.0 within the budget, else minus the largest relative excess over a limit.
        value: of the objective; 0.0, and compared with no score, where the budget is broken.
        flops: of one image.
    """

    slack: float
    value: float
    flops: int


class _CostPlace(dict[Block, tuple[int, int, int, int, "_CostPlace"]]):
    """Between two blocks: the cost of every block met at this shape, and the place behind it."""

    def __init__(self, shape: Shape, memo: _Memo) -> None:
        super().__init__()
        self.shape = shape
        self._memo = memo

    def __missing__(self, block: Block) -> tuple[int, int, int, int, _CostPlace]:
        cost = block_cost(block, self.shape)
        self._memo.blocks += 1
        behind = self._memo.cost_place(cost.output)
        row = self[block] = (cost.params, cost.flops, cost.macs, cost.layers, behind)
        return row


class _ScorePlace(dict[Block, tuple[float, float, "_ScorePlace"]]):
    """Between two blocks: the closed-form terms of every block that met this signal."""

    def __init__(self, signal: Signal, memo: _Memo) -> None:
        super().__init__()
        self.signal = signal
        self._memo = memo

    def __missing__(self, block: Block) -> tuple[float, float, _ScorePlace]:
        terms = block_terms(block, self.signal)
        self._memo.blocks += 1
        row = self[block] = (terms.log_norms, terms.relus, self._memo.score_place(terms.signal))
        return row


class _Memo:
    """All places of a search; cost and closed form are sums over blocks, each computed once."""

    def __init__(self) -> None:
        self.blocks = 0
        self._cost_places: dict[Shape, _CostPlace] = {}
        self._score_places: dict[Signal, _ScorePlace] = {}

    def cost_place(self, shape: Shape) -> _CostPlace:
        if shape not in self._cost_places:
            self._cost_places[shape] = _CostPlace(shape, self)
        return self._cost_places[shape]

    def score_place(self, signal: Signal) -> _ScorePlace:
        if signal not in self._score_places:
            self._score_places[signal] = _ScorePlace(signal, self)
        return self._score_places[signal]


class Evaluator:
    """Evaluate proposals of one search; equal to `costs.cost` and `proxies.score`, only faster.

    Args:
        budget: limits.
        objective: what is maximised.
        settings: resolution at which costs count, and seed and batch of random proxies.
        proxy_settings: other settings for the proxy, such as smaller images; ``None``: the same.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> evaluate = Evaluator(Budget(max_params=1000), Objective(), Settings())
        >>> evaluate(parse_arch("SuperConvK3BNRELU(3,8,2,1)")).slack
        0.0
    """

    def __init__(
        self,
        budget: Budget,
        objective: Objective,
        settings: Settings,
        proxy_settings: Settings | None = None,
    ) -> None:
        self.budget = budget
        self.objective = objective
        self.settings = settings
        self._proxy_settings = proxy_settings or settings
        self._proxy = PROXIES.get(objective.proxy)
        self._closed_form = objective.proxy == CLOSED_FORM
        self._plain = objective == Objective(objective.proxy)
        self._best_score, self._warned = -math.inf, False
        self.batch = BATCH if isinstance(self._proxy, LearntProxy) else 1
        self._limits = tuple(
            (index, limit)
            for index, limit in enumerate(
                (budget.max_params, budget.max_flops, budget.max_macs, budget.max_layers)
            )
            if limit is not None
        )
        self._held_map = budget.min_map is not None or budget.max_map is not None
        self._memo = _Memo()
        self._image = Shape(0, settings.resolution, settings.resolution)

    def __call__(self, arch: Arch) -> Outcome:
        """Evaluate one proposal.

        Raises:
            ProxyError: the objective's proxy cannot score it.
        """
        outcome = self._held_to_budget(arch)
        return outcome if outcome.slack else outcome._replace(value=self._value(arch))

    def many(self, archs: Sequence[Arch]) -> list[Outcome | ProxyError]:
        """Evaluate several proposals, `batch` of them best; errors stand in their places."""
        if not isinstance(self._proxy, LearntProxy):
            return [self._tried(arch) for arch in archs]
        outcomes: list[Outcome | ProxyError] = [self._held_to_budget(arch) for arch in archs]
        kept = [index for index, outcome in enumerate(outcomes) if not outcome[0]]  # type: ignore[index]
        try:
            scores = self._proxy.score_many([archs[index] for index in kept], self._proxy_settings)
        except ProxyError:  # of one of them
            return [self._tried(arch) for arch in archs]
        for index, score in zip(kept, scores.tolist()):
            value = self._joined(archs[index], score)
            outcomes[index] = outcomes[index]._replace(value=value)  # type: ignore[union-attr]
        if kept and scores.max() > self._best_score and not self._warned:
            self._best_score = float(scores.max())
            self._warned = self._proxy.warn_of(archs[kept[int(scores.argmax())]])
        return outcomes

    def _tried(self, arch: Arch) -> Outcome | ProxyError:
        try:
            return self(arch)
        except ProxyError as error:
            return error

    def _held_to_budget(self, arch: Arch) -> Outcome:
        """Return the outcome with a slack, and no value yet where that is 0."""
        if self._memo.blocks > MEMO_BLOCKS:
            self._memo = _Memo()
            gc.collect()  # places and memo hold each other, and a search switches collection off
        if arch.blocks[0].in_channels != self._image.channels:
            self._image = input_shape(arch, self.settings.resolution)
        place = self._memo.cost_place(self._image)
        params = flops = macs = layers = 0
        for block in (*arch.blocks, arch.head):
            last = place
            p, f, m, n, place = place[block]
            params += p
            flops += f
            macs += m
            layers += n
        excess = 0.0
        cost = (params, flops, macs, layers)
        for index, limit in self._limits:
            if cost[index] > limit:
                excess = max(excess, cost[index] / limit - 1)
        if self.budget.max_rho is not None:
            excess = max(excess, effectiveness(arch) / self.budget.max_rho - 1)
        if self._held_map:
            excess = max(excess, self._map_excess(max(last.shape.height, last.shape.width)))
        return Outcome(-excess if excess else 0.0, 0.0, flops)

    def _map_excess(self, side: int) -> float:
        """Return how far the last map is outside its limits, as a share."""
        least, most = self.budget.min_map or 1, self.budget.max_map or side
        return max(least / side - 1, side / most - 1)

    def _value(self, arch: Arch) -> float:
        if not self._closed_form:
            return self._joined(arch, self._proxy.function(arch, self._proxy_settings))
        place = self._memo.score_place(Signal(self._image))
        log_norms, relus = 0.0, 0.0
        for block in arch.blocks:
            terms, depth, place = place[block]
            log_norms += terms
            relus += depth
        score = final_score(log_norms, relus, place.signal, arch.head)
        return self._joined(arch, score)

    def _joined(self, arch: Arch, score: float) -> float:
        """Join a score with the objective's other terms, if it has some."""
        if self._plain and self._proxy.higher_is_better and math.isfinite(score):
            return score
        return self.objective.value(arch, score, self.settings)
