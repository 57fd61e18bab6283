"""The search: propose on a cheap score, measure the best, rank; resumable at every point."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from nasfer.arch import Arch
from nasfer.costs import cost
from nasfer.errors import BudgetError, ProxyError
from nasfer.proxies import Settings
from nasfer.quantity import format_quantity
from nasfer.runfolder import RunFolder
from nasfer.searching.budget import Budget
from nasfer.searching.candidates import Candidate, distinct, make_candidate, measure, rank
from nasfer.searching.evaluator import Evaluator
from nasfer.searching.objective import Objective
from nasfer.searching.strategy import STRATEGIES, Strategy
from nasfer.space import Space

PATIENCE = 50_000
"""Proposals without a feasible one after which the budget is called infeasible."""

HOPELESS = 100
"""Failed proposals without a single scored one after which the error is the search's own."""

TICK = 1_000
"""Proposals between two looks at the clock."""

SAVE_SECONDS = 2.0
"""Time between two saved states; so much work is repeated after a crash, at most."""


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """Everything that decides a search's result.

    Args:
        space: name or path of the space.
        space_digest: of the content of its file: a changed file is another search.
        budget: limits.
        objective: what is maximised.
        strategy: registered name.
        iterations: proposals.
        population: members kept.
        seed: of the proposals.
        resolution: side of the images, in pixels.
        batch: images a draw of measured scores.
        top: distinct candidates that are measured; 0 leaves the ranking to the proposals' score.
        repeats: draws a candidate.
        proxy_resolution: side of the images on which proposals are scored; ``None``: the same.
        proxy_batch: images a draw of the proposals' score; ``None``: the same.
    """

    space: str
    space_digest: str
    budget: Budget
    objective: Objective = field(default_factory=Objective)
    strategy: str = "evolution"
    iterations: int = 480_000
    population: int = 512
    seed: int = 0
    resolution: int = 224
    batch: int = 16
    top: int = 10
    repeats: int = 3
    proxy_resolution: int | None = None
    proxy_batch: int | None = None

    def plain(self) -> dict[str, Any]:
        """Return plain data, flat, for ``run.yaml``."""
        data = asdict(self)
        return {**data.pop("budget"), **{f"objective_{k}": v for k, v in
                data.pop("objective").items()}, **data}  # fmt: skip

    def proxy_settings(self) -> Settings:
        """Return how networks are scored."""
        return Settings(self.seed, self.resolution, self.batch)

    def proposal_settings(self) -> Settings:
        """Return how proposals are scored."""
        return Settings(
            self.seed, self.proxy_resolution or self.resolution, self.proxy_batch or self.batch
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a search stands, for a bar or a line.

    Args:
        stage: ``"propose"`` or ``"measure"``.
        done: proposals or candidates finished.
        total: of them.
        best: best objective so far, ``None`` before the first.
        feasible: share of this session's proposals that kept the budget.
        rate: proposals a second in this session.
    """

    stage: str
    done: int
    total: int
    best: float | None = None
    feasible: float = 0.0
    rate: float = 0.0


Watch = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found.

    Args:
        candidates: ranked, best first.
        front: the best network at every size, by the proposals' score.
        failures: ledger lines of candidates that could not be measured, with their errors.
    """

    candidates: list[Candidate]
    front: list[Candidate]
    failures: list[dict[str, Any]]

    @property
    def best(self) -> Candidate:
        """The first of the ranking."""
        return self.candidates[0]


def run_search(
    space: Space,
    settings: SearchSettings,
    folder: RunFolder | None = None,
    watch: Watch | None = None,
) -> SearchResult:
    """Search a space.

    Args:
        space: where candidates come from.
        settings: what decides the result.
        folder: where state and ledger are kept; a folder that holds some is gone on with, and one
            that is finished is only read.
        watch: called now and then with the progress.
    Raises:
        BudgetError: no member within the budget was found; the message holds the smallest one.
        ProxyError: none of the best candidates can be measured.
        RunFolderError: the folder cannot be written or is damaged.
    """
    watch = watch or (lambda progress: None)
    strategy = _propose(space, settings, folder, watch)
    values = {a: outcome.value for a, outcome in strategy.population.best() if not outcome.slack}
    feasible = distinct(values)
    if settings.objective.is_zen:  # it does not see residual links: of equals, measure one
        first = {values[arch]: arch for arch in reversed(feasible)}
        feasible = [arch for arch in feasible if first[values[arch]] is arch]
    lines = {line["digest"]: line for line in (folder.ledger() if folder else [])}
    scoring = settings.proxy_settings()
    top = feasible[: max(1, settings.top)]
    for index, arch in enumerate(top if settings.top else []):
        watch(Progress("measure", index, len(top)))
        if arch.digest() not in lines:
            line = measure(arch, scoring, settings.repeats)
            lines[arch.digest()] = line
            if folder:
                folder.append(line)
    watch(Progress("measure", len(top), len(top)))
    failures = [line for line in lines.values() if "error" in line]
    failed = {line["digest"] for line in failures if settings.objective.is_zen}

    def make(arch: Arch, value: float) -> Candidate:
        return make_candidate(arch, value, settings.objective, scoring, lines.get(arch.digest()))

    candidates = [make(arch, values[arch]) for arch in top if arch.digest() not in failed]
    if not candidates:
        raise ProxyError(f"none of the best {len(top)} could be measured: {failures[0]['error']}")
    front = [make(arch, outcome.value) for arch, outcome in strategy.front.members()]
    return SearchResult(rank(candidates), front, failures)


def _propose(
    space: Space, settings: SearchSettings, folder: RunFolder | None, watch: Watch
) -> Strategy:
    """Run the strategy to its last proposal, from the saved state if there is one."""
    strategy = STRATEGIES.get(settings.strategy)(
        space, seed=settings.seed, population=settings.population
    )
    evaluate = Evaluator(
        settings.budget,
        settings.objective,
        settings.proxy_settings(),
        settings.proposal_settings(),
    )
    done = 0
    state = folder.read_state() if folder else None
    if state is not None:
        done = state["done"]
        strategy.restore(state["strategy"])
    started, saved, first, kept = time.monotonic(), time.monotonic(), done, 0
    failed = 0

    def save() -> None:
        if folder and done > first:
            folder.write_state({"done": done, "strategy": strategy.state()})

    try:
        with _no_garbage_collection():
            while done < settings.iterations:
                if not strategy.front and done >= PATIENCE:
                    break
                steps = min(TICK, settings.iterations - done)
                for _ in range(steps):
                    arch = strategy.ask()
                    try:
                        outcome = evaluate(arch)
                    except ProxyError as error:
                        failed += 1
                        _record_failure(arch, error, strategy, failed, folder)
                        continue
                    kept += outcome.slack == 0.0
                    strategy.tell(arch, outcome)
                done += steps
                now = time.monotonic()
                if now - saved > SAVE_SECONDS:
                    save()
                    saved = now
                watch(_progress(strategy, settings, done, first, kept, now - started))
    finally:
        save()  # also on Ctrl-C; every state between two proposals is a good one
    if not strategy.front:
        raise _infeasible(strategy, settings)
    return strategy


def _record_failure(
    arch: Arch, error: ProxyError, strategy: Strategy, failed: int, folder: RunFolder | None
) -> None:
    """Keep a proposal that cannot be scored as failed; give up where none can be."""
    if not len(strategy.population):
        if failed >= HOPELESS:
            raise error
    elif folder:
        folder.append({"digest": arch.digest(), "structure": str(arch), "error": str(error)})


def _progress(
    strategy: Strategy, settings: SearchSettings, done: int, first: int, kept: int, seconds: float
) -> Progress:
    best = max((o.value for _, o in strategy.front.members()), default=None)
    tried = done - first
    return Progress(
        "propose", done, settings.iterations, best, kept / tried, tried / max(seconds, 1e-9)
    )


def _infeasible(strategy: Strategy, settings: SearchSettings) -> BudgetError:
    arch, _ = strategy.population.best()[0]
    smallest = cost(arch, settings.resolution)
    return BudgetError(
        f"no member of space {settings.space!r} found within {settings.budget}; smallest found:"
        f" {format_quantity(smallest.flops)} FLOPs, {format_quantity(smallest.macs)} MACs,"
        f" {format_quantity(smallest.params)} params, {smallest.layers} layers: {arch}"
    )


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Proposals make no cycles, but a growing memo makes collections slow (a fifth of the time)."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
