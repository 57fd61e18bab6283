"""Progress of long work: a bar on a terminal, a line every few seconds in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nasfer.searching import Progress, Watch
    from nasfer.training.settings import TrainProgress, TrainWatch

LINE_SECONDS = 5.0
"""Time between two lines in a pipe."""

STAGES = {"propose": "proposing", "measure": "measuring"}


@contextmanager
def watching() -> Iterator[Watch]:
    """Yield a function that shows the progress it is given, on stderr."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[detail]}"), TimeRemainingColumn(),
    )  # fmt: skip
    with Bar(*columns, console=Console(stderr=True)) as bar:
        tasks = {}

        def show(progress: Progress) -> None:
            if progress.stage not in tasks:
                name = STAGES[progress.stage]
                tasks[progress.stage] = bar.add_task(name, total=progress.total, detail="")
            bar.update(tasks[progress.stage], completed=progress.done, detail=_detail(progress))

        yield show


@contextmanager
def counting(name: str, *, always: bool = True) -> Iterator[Callable[[int, int], None]]:
    """Yield a function that shows ``(done, total)`` on stderr, under this name.

    Args:
        name: of what is done.
        always: whether a pipe gets its last line also where all was done in a moment.
    """
    if not sys.stderr.isatty():
        last = began = time.monotonic()

        def line(done: int, total: int) -> None:
            nonlocal last
            ends = done == total and (always or last > began)
            if ends or time.monotonic() - last >= LINE_SECONDS:
                last = time.monotonic()
                print(f"{name} {done}/{total}", file=sys.stderr, flush=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True)) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _detail(progress: Progress) -> str:
    if progress.stage != "propose":
        return ""
    best = "none yet" if progress.best is None else f"{progress.best:.2f}"
    return f"best {best}, {progress.rate:,.0f}/s, {progress.feasible:.0%} feasible"


class _Lines:
    """Plain lines, few of them."""

    def __init__(self) -> None:
        self._last = float("-inf")

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._last < LINE_SECONDS and progress.done < progress.total:
            return
        self._last = now
        line = f"{STAGES[progress.stage]} {progress.done}/{progress.total}"
        if progress.stage == "propose":
            left = (progress.total - progress.done) / max(progress.rate, 1e-9)
            line += f", {_detail(progress)}, {left:.0f} s left"
        print(line, file=sys.stderr, flush=True)


@contextmanager
def training_watch() -> Iterator[TrainWatch]:
    """Yield a function that shows the progress of a training, on stderr."""
    if not sys.stderr.isatty():
        yield _TrainLines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[detail]}"),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("training", total=None, detail="")

        def show(progress: TrainProgress) -> None:
            done = (progress.epoch - 1) * progress.batches + progress.batch
            total = progress.epochs * progress.batches
            bar.update(task, completed=done, total=total, detail=_train_detail(progress))

        yield show


def _train_detail(progress: TrainProgress) -> str:
    best = "none yet" if progress.best is None else f"{progress.best:.1%}"
    return (
        f"epoch {progress.epoch}/{progress.epochs}, loss {progress.loss:.3f}, accuracy"
        f" {progress.accuracy:.1%}, best validation {best}, {progress.images_per_second:,.0f}"
        " images/s"
    )


class _TrainLines:
    """One line an epoch, and one every few seconds of a long one."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, progress: TrainProgress) -> None:
        now = time.monotonic()
        if now - self._last < LINE_SECONDS and progress.batch < progress.batches:
            return
        self._last = now
        done = (progress.epoch - 1) * progress.batches + progress.batch
        left = progress.epochs * progress.batches - done
        print(f"{_train_detail(progress)}, {left} batches left", file=sys.stderr, flush=True)
