"""Progress of a tuning: a table that stays in place on a terminal, few lines in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nasfer.cleaning import clean
from nasfer.cli.output import say
from nasfer.cli.progress import LINE_SECONDS, Step, TimeLeft
from nasfer.cli.quiet import is_quiet

if TYPE_CHECKING:
    from nasfer.tuning.watching import TuneProgress, TuneWatch

REFRESH_SECONDS = 0.5
SHOWN = 12
"""Running trials in the table, at most."""


@contextmanager
def tune_watch() -> Iterator[TuneWatch]:
    """Yield a function that shows the progress of a tuning, on stderr; not with ``--quiet``."""
    if is_quiet():
        yield lambda progress: None
        return
    words = _Words()
    if not sys.stderr.isatty():
        yield _Lines(words)
        return
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(stderr=True), refresh_per_second=2) as live:
        last = 0.0

        def show(progress: TuneProgress) -> None:
            nonlocal last
            line = words(progress)
            if time.monotonic() - last > REFRESH_SECONDS:
                last = time.monotonic()
                live.update(_shown(progress, line))

        yield show


class _Words:
    """One line for a person: of the trials, and in the end of the networks that are timed."""

    def __init__(self) -> None:
        self._left = TimeLeft()

    def __call__(self, progress: TuneProgress) -> str:
        if progress.timed is None:
            return clean(progress.line())
        step = Step(*progress.timed)
        return step.line(self._left(step))


def _shown(progress: TuneProgress, line: str) -> Any:
    from rich import box
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("running trial")
    table.add_column("epochs", justify="right")
    for label, epochs in list(progress.epochs.items())[:SHOWN]:
        table.add_row(Text(clean(label)), f"{epochs}/{progress.trial_epochs}")
    return Group(Text(line), ProgressBar(1.0, progress.share), table)


class _Lines:
    """A line when a trial ends, and one every few seconds."""

    def __init__(self, words: _Words) -> None:
        self._words = words
        self._last = time.monotonic()
        self._ended = -1

    def __call__(self, progress: TuneProgress) -> None:
        line, now = self._words(progress), time.monotonic()
        if progress.ended == self._ended and now - self._last < LINE_SECONDS:
            return
        self._last, self._ended = now, progress.ended
        say(line)
