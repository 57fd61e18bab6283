"""How much time is left is said early, in minutes, in one way; and no label steers a terminal."""

from __future__ import annotations

import pytest

from nasfer.cli import progress, tune_progress
from nasfer.cli.progress import Lines, Step, TimeLeft, training_watch, watching
from nasfer.cli.tune_progress import tune_watch
from nasfer.searching import Progress
from nasfer.training.settings import TrainProgress
from nasfer.tuning.watching import TuneProgress

HOSTILE = "a\x1b[2J[/b]\u202e"


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(progress, "time", found)
    monkeypatch.setattr(tune_progress, "time", found)
    return found


def test_the_pace_since_the_first_step_tells_the_time_left(clock: Clock) -> None:
    left = TimeLeft()
    assert left(Step("x", 400, 1000)) is None  # of an earlier process: no pace yet
    clock.now += 1
    assert left(Step("x", 401, 1000)) is None  # the first moments are slow
    clock.now += 9
    assert left(Step("x", 500, 1000)) == pytest.approx(50.0)
    assert left(Step("y", 1, 3)) is None  # another stage has a pace of its own
    assert left(Step("x", 1000, 1000)) is None


def test_a_training_says_early_how_long_it_takes(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with training_watch() as watch:
        for batch in range(1, 12):
            watch(TrainProgress(1, 30, batch, 100, 1.9, 0.2, 64.0, None))
            clock.now += 0.25
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("epoch 1/30, loss 1.900, accuracy 20.0%, best validation none yet")
    assert line.endswith(", about 12 min left")  # 2,991 batches at 4 a second


def test_a_search_says_early_how_long_it_takes(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with watching() as watch:
        for done in range(0, 6000, 1000):
            watch(Progress("propose", done, 480_000, 12.0, 0.5, 1000.0))
            clock.now += 1
        watch(Progress("measure", 0, 10))
        clock.now += 30
        watch(Progress("measure", 1, 10))
    first, *_, last = capsys.readouterr().err.splitlines()
    assert first == "proposing 2000/480000, best 12.00, 1,000/s, 50% feasible, about 8 min left"
    assert last == "measuring 1/10, about 4 min left"


def test_the_timing_of_a_tuning_says_so(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    ended = {"total": 4, "running": 0, "done": 4, "stopped": 0, "failed": 0}
    with tune_watch() as watch:
        watch(TuneProgress(**ended))
        for percent in (0, 10, 20):
            watch(TuneProgress(**ended, timed=("timing 4 networks, percent", percent, 100)))
            clock.now += 15
    assert capsys.readouterr().err.splitlines()[-1] == (
        "timing 4 networks, percent 20/100, about 2 min left"
    )


def test_labels_steer_no_terminal(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines(Step(HOSTILE, 1, 2, HOSTILE, due=True))
    with tune_watch() as watch:
        watch(TuneProgress(1, 1, 0, 0, 0, {HOSTILE: 1}, best=0.5, best_source=HOSTILE))
    shown = capsys.readouterr().err
    assert shown.count("a\\x1b[2J[/b]\\u202e") == 3
    assert "\x1b" not in shown
