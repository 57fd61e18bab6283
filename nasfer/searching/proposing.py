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

    def save() -> None:
        if folder and done > first:
            state = {"strategy": strategy.state(), "prospects": prospects.state()}
            folder.write_state({"done": done, **state})

    try:
        with no_garbage_collection():
            while done < settings.iterations:
                if done % TICK == 0 and not prospects.after(done):
                    break
                steps = min(TICK - done % TICK, settings.iterations - done)
                for _ in range(steps):
                    arch = strategy.ask()
                    try:
                        outcome = evaluate(arch)
                    except ProxyError as error:
                        prospects.failed(arch, error, folder)
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
    if not len(strategy.front):
        raise prospects.nothing_found()
    if folder:
        folder.keep()
    return strategy, prospects


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
