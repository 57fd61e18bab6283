"""The first part of a search: propose, score cheaply, learn; resumable at every point."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

from nasfer.errors import ProxyError, RunFolderError
from nasfer.runs.files import RUN_FILE, STATE_FILE
from nasfer.runs.folder import RunFolder
from nasfer.searching.evaluator import Evaluator
from nasfer.searching.progress import Progress, Watch
from nasfer.searching.prospects import Prospects
from nasfer.searching.settings import SearchSettings
from nasfer.searching.strategy import STRATEGIES, Strategy
from nasfer.space import Space

TICK = 1_000
"""Proposals between two looks at the clock; a search that is extended keeps to multiples of it."""

SAVE_SECONDS = 2.0
"""Time between two saved states; so much work is repeated after a crash, at most."""


def propose(
    space: Space, settings: SearchSettings, folder: RunFolder | None, watch: Watch
) -> tuple[Strategy, Prospects]:
    """Run the strategy to its last proposal, from the saved state if there is one.

    Returns:
        The strategy, with a feasible member at least, and how the space's families fared.
    Raises:
        BudgetError: no member within the budget was found; the message holds the smallest one.
        ProxyError: no proposal could be scored.
    """
    strategy = STRATEGIES.get(settings.strategy)(
        space, seed=settings.seed, population=settings.population
    )
    prospects = Prospects(strategy, settings)
    evaluate = Evaluator(
        settings.budget,
        settings.objective,
        settings.proxy_settings(),
        settings.proposal_settings(),
    )
    done = _restored(folder, strategy, prospects)
    if folder and done > settings.iterations:
        raise RunFolderError(
            f"{folder.path / STATE_FILE}: of a longer search than {RUN_FILE}; remove it to search"
            " anew"
        )
    if folder:
        folder.extend()
    started, saved, first, kept = time.monotonic(), time.monotonic(), done, 0

    def write() -> None:
        if folder:
            state = {"strategy": strategy.state(), "prospects": prospects.state()}
            folder.write_state({"done": done, **state})

    def save() -> None:
        if done > first and done % evaluate.batch == 0:
            write()

    try:
        with no_garbage_collection():
            while done < settings.iterations:
                if done % TICK == 0 and not prospects.after(done):
                    break
                steps = _steps(done, settings.iterations, evaluate.batch)
                if steps < evaluate.batch and folder and folder.read_state() is None:
                    write()  # a part of a batch is proposed anew where a longer search goes on
                kept += _advance(strategy, evaluate, prospects, folder, steps)
                done += steps
                now = time.monotonic()
                last_whole = 0 < settings.iterations - done < evaluate.batch
                if now - saved > SAVE_SECONDS or last_whole:
                    save()
                    saved = now
                watch(_progress(strategy, settings, done, first, kept, now - started))
    finally:
        save()  # also on Ctrl-C; every state between two proposals is a good one
    if not len(strategy.front):
        raise prospects.nothing_found()
    if folder:
        folder.keep()
    return strategy, prospects


def _steps(done: int, iterations: int, batch: int) -> int:
    """Return the proposals to the next look at the clock: whole batches, a part only at the end.

    Example:
        >>> _steps(0, 1_550, 100), _steps(1_000, 1_550, 100), _steps(1_500, 1_550, 100)
        (1000, 500, 50)
    """
    steps = min(TICK - done % TICK, iterations - done)
    return steps - steps % batch or steps


def _advance(
    strategy: Strategy, evaluate: Evaluator, prospects: Prospects, folder: RunFolder | None,
    steps: int,
) -> int:  # fmt: skip
    """Propose, evaluate and learn so many times; return how many proposals kept the budget."""
    kept = 0
    for start in range(0, steps, evaluate.batch):
        batch = [strategy.ask() for _ in range(min(evaluate.batch, steps - start))]
        for arch, outcome in zip(batch, evaluate.many(batch)):
            if isinstance(outcome, ProxyError):
                prospects.failed(arch, outcome, folder)
                continue
            kept += outcome.slack == 0.0
            strategy.tell(arch, outcome)
    return kept


def _restored(folder: RunFolder | None, strategy: Strategy, prospects: Prospects) -> int:
    """Go on from the folder's state, if there is one; return the proposals that are done."""
    state = folder.read_state() if folder else None
    if state is None:
        return 0
    with _named(folder):
        done = int(state["done"])
        strategy.restore(state["strategy"])
        prospects.restore(state["prospects"])
    return done


@contextmanager
def _named(folder: RunFolder | None) -> Iterator[None]:
    """Turn what a state of another form makes of strategies into one line."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError):
        path = folder.path / STATE_FILE if folder else STATE_FILE
        raise RunFolderError(f"{path}: no state of this search; remove it to search anew") from None


def _progress(
    strategy: Strategy, settings: SearchSettings, done: int, first: int, kept: int, seconds: float
) -> Progress:
    best = max((o.value for _, o in strategy.front.members()), default=None)
    tried = done - first
    return Progress(
        "propose", done, settings.iterations, best, kept / tried, tried / max(seconds, 1e-9)
    )


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Proposals make no cycles, but a growing memo makes collections slow (a fifth of the time)."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
