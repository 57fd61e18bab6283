"""Progress of long work, with the time left: a bar on a terminal, a line now and then in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nasfer.cleaning import clean
from nasfer.cli.output import say
from nasfer.cli.quiet import is_quiet
from nasfer.quantity import format_duration

if TYPE_CHECKING:
    from nasfer.searching import Progress, Watch
    from nasfer.training.settings import TrainProgress, TrainWatch

FIRST_SECONDS = 2.0
"""Time before the first line in a pipe, and before anything is known of the time that is left."""

LINE_SECONDS = 5.0
"""Time between two lines in a pipe."""

STAGES = {"propose": "proposing", "measure": "measuring"}


@dataclass(frozen=True, slots=True)
class Step:
    """Where one stage of long work stands.

    Args:
        name: of the stage.
        done: parts of it.
        total: of them.
        detail: more to say of it.
        due: whether a pipe gets a line now, however short ago the last one was.
        counted: whether a line says how many parts are done.
    """

    name: str
    done: int
    total: int
    detail: str = ""
    due: bool = False
    counted: bool = True

    def line(self, left: float | None) -> str:
        """Return one line for a person.

        Args:
            left: seconds; ``None``: nobody knows, or nothing is left.
        Example:
            >>> Step("reading", 50, 200, "12 images/s").line(700.0)
            'reading 50/200, 12 images/s, about 12 min left'
        """
        count = f"{self.name} {self.done}/{self.total}" if self.counted else ""
        rest = "" if left is None else f"{format_duration(left)} left"
        return clean(", ".join(filter(None, (count, self.detail, rest))))


class TimeLeft:
    """Estimates each stage's time by the pace since it was first heard of.

    What a finished part took before that, in an earlier process say, has no say in it.
    """

    def __init__(self) -> None:
        self._began: dict[str, tuple[float, int]] = {}

    def __call__(self, step: Step) -> float | None:
        """Return the seconds that are left; ``None`` in the first moments, and at the end."""
        now = time.monotonic()
        since, before = self._began.setdefault(step.name, (now, step.done))
        if now - since < FIRST_SECONDS or not before < step.done < step.total:
            return None
        return (now - since) / (step.done - before) * (step.total - step.done)


Show = Callable[[Step], None]


@contextmanager
def stepping() -> Iterator[Show]:
    """Yield a function that shows its steps on stderr; with ``--quiet`` it shows none."""
    if is_quiet():
        yield lambda step: None
        return
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(),
        TextColumn("{task.fields[line]}", markup=False),
    )  # fmt: skip
    with Bar(*columns, console=Console(stderr=True)) as bar:
        tasks: dict[str, Any] = {}
        left = TimeLeft()

        def show(step: Step) -> None:
            if step.name not in tasks:
                tasks[step.name] = bar.add_task(clean(step.name), total=step.total, line="")
            line = step.line(left(step)).removeprefix(f"{clean(step.name)} ")
            bar.update(tasks[step.name], completed=step.done, total=step.total, line=line)

        yield show


class Lines:
    """Plain lines, few of them; the first comes soon, as it tells how long all of it takes."""

    def __init__(self) -> None:
        self._left = TimeLeft()
        self._next = time.monotonic() + FIRST_SECONDS

    def __call__(self, step: Step) -> None:
        """Print a line if it is due."""
        left, now = self._left(step), time.monotonic()
        if not step.due and now < self._next:
            return
        self._next = now + LINE_SECONDS
        say(step.line(left))


@contextmanager
def watching() -> Iterator[Watch]:
    """Yield a function that shows the progress of a search."""
    with stepping() as show:
        yield lambda progress: show(_search_step(progress))


def _search_step(progress: Progress) -> Step:
    detail = ""
    if progress.stage == "propose":
        best = "none yet" if progress.best is None else f"{progress.best:.2f}"
        detail = f"best {best}, {progress.rate:,.0f}/s, {progress.feasible:.0%} feasible"
    ends = progress.done == progress.total
    return Step(STAGES[progress.stage], progress.done, progress.total, detail, due=ends)


@contextmanager
def training_watch() -> Iterator[TrainWatch]:
    """Yield a function that shows the progress of a training: in a pipe a line an epoch."""
    with stepping() as show:
        yield lambda progress: show(_train_step(progress))


def _train_step(progress: TrainProgress) -> Step:
    best = "none yet" if progress.best is None else f"{progress.best:.1%}"
    detail = (
        f"epoch {progress.epoch}/{progress.epochs}, loss {progress.loss:.3f}, accuracy"
        f" {progress.accuracy:.1%}, best validation {best}, {progress.images_per_second:,.0f}"
        " images/s"
    )
    done = (progress.epoch - 1) * progress.batches + progress.batch
    total, ends = progress.epochs * progress.batches, progress.batch == progress.batches
    return Step("training", done, total, detail, due=ends, counted=False)


@contextmanager
def counting(name: str, *, always: bool = True) -> Iterator[Callable[[int, int], None]]:
    """Yield a function that shows ``(done, total)`` on stderr, under this name.

    Args:
        name: of what is done.
        always: whether a pipe gets its last line also where all was done in a moment.
    """
    with stages(always=always) as show:
        yield lambda done, total: show(name, done, total)


@contextmanager
def stages(*, always: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function that shows ``(name, done, total)`` of one stage after another.

    Args:
        always: as of `counting`.
    """
    began = time.monotonic()
    with stepping() as show:

        def tell(name: str, done: int, total: int) -> None:
            long = always or time.monotonic() - began > LINE_SECONDS
            show(Step(name, done, total, due=long and done == total))

        yield tell
