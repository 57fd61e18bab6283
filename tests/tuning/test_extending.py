"""A tuning goes further in its folder: what is trained stays, and ends as an undisturbed one.

But for the last test, which has a real Ray, trials are trained in this process, one by one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nasfer.report import trained_table
from nasfer.runs.files import LEDGER_FILE, RUN_FILE, TRIALS_FILE
from nasfer.runs.folder import read_run
from nasfer.tuning.book import Book
from nasfer.tuning.proposing import sampling
from nasfer.tuning.proposing.drafts import first_trials
from nasfer.tuning.proposing.plan import Plan
from nasfer.tuning.status import read_status
from nasfer.tuning.trial import train_trial
from tests.tuning import running
from tests.tuning.here import (
    DATA,
    NET,
    OTHER,
    SAME,
    Here,
    Killed,
    asked,
    epochs_of,
    here,
    one,
    tune,
)
from tests.tuning.running import lines

__all__ = ["here", "one"]  # fixtures


def test_more_of_everything_ends_as_an_undisturbed_run(here: Here, tmp_path: Path) -> None:
    out, told = tmp_path / "run", list[str]()
    tune(out, asked())
    (before,) = here.trained
    found = tune(out, asked(OTHER, NET, epochs=2, seeds=2), told)
    assert told == [
        f"{out}: extended: sources 1 to 2, seeds 1 to 2, epochs 1 to 2; what is trained (1 trial)"
        " goes on, schedule constant goes on as in an undisturbed training"
    ]
    assert here.trained.count(before) == 2
    assert len(set(here.trained)) == 4
    assert epochs_of(out) == [2, 2, 2, 2]
    whole = tune(tmp_path / "whole", asked(OTHER, NET, epochs=2, seeds=2))
    pd.testing.assert_frame_equal(found, whole)
    run = read_run(out)
    assert run.finished
    assert [{k for k in entry if k != "to"} for entry in run.extended] == [
        {"sources"}, {"seeds"}, {"epochs"},
    ]  # fmt: skip
    count = len(here.trained)
    tune(out, asked(OTHER, NET, epochs=2, seeds=2))
    assert len(here.trained) == count, "a finished trial was trained again"


def test_another_source_trains_that_alone(here: Here, one: Path) -> None:
    before = (one / LEDGER_FILE).read_text()
    tune(one, asked(NET, OTHER))
    assert len(here.trained) == 1
    assert (one / LEDGER_FILE).read_text().startswith(before)
    assert epochs_of(one) == [1, 1]


@pytest.mark.parametrize("trials", [0, 1, 2])
def test_killed_on_the_way_the_same_command_goes_on(here: Here, one: Path, trials: int) -> None:
    wanted = asked(NET, OTHER, epochs=2, seeds=2)
    here.dies_after = trials
    with pytest.raises(Killed):
        tune(one, wanted)
    status = read_status(one)
    assert (status.progress.total, status.progress.done) == (4, trials)
    assert not status.finished
    assert [row["status"] for row in status.rows] == ["done"] * trials + ["waiting"] * (4 - trials)
    here.dies_after = 1_000
    table = tune(one, wanted)
    assert epochs_of(one) == [2, 2, 2, 2]
    assert table["epochs"].tolist() == [2, 2]
    assert read_run(one).finished


@pytest.mark.parametrize("writes", range(5))
def test_killed_between_two_files_the_same_command_goes_on(
    here: Here, one: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    from nasfer.runs import folder
    from nasfer.tuning import book

    count = iter(range(writes))
    original = folder.write_atomic

    def killed(path: Path, content: Any) -> None:
        ours = path in (one / RUN_FILE, one / TRIALS_FILE)
        if ours and next(count, None) is None:
            raise Killed
        original(path, content)

    with monkeypatch.context() as patch:
        for module in (folder, book):
            patch.setattr(module, "write_atomic", killed)
        if writes < 4:  # finished, open, wanted, further, finished again
            with pytest.raises(Killed):
                tune(one, asked(NET, OTHER))
        else:
            tune(one, asked(NET, OTHER))
    assert len(tune(one, asked(NET, OTHER))) == 2
    assert epochs_of(one) == [1, 1]
    assert len(read_run(one).extended) == 1


def test_stopped_and_failed_trials_stay_so(here: Here, one: Path) -> None:
    wanted = asked(NET, OTHER, epochs=2)
    (spec,) = [spec for spec in first_trials(wanted) if spec.structure == OTHER]

    def stop(plan: Plan, book: Book, *args: Any) -> None:
        while (found := plan.next()) is not None:
            if found.key == spec.key:
                book.enter_end(found, "stopped", None)
            else:
                book.enter(train_trial(found, wanted.settings, wanted.recipe, one))

    here.run_on_ray = stop  # type: ignore[method-assign]
    tune(one, wanted)
    del here.run_on_ray  # type: ignore[method-assign]
    tune(one, asked(NET, OTHER, epochs=3))
    assert [line["status"] for line in lines(one / LEDGER_FILE)][-1] == "done"
    assert spec.key not in here.trained
    assert len(here.trained) == 1


def test_more_trials_of_a_sampler_are_those_of_an_undisturbed_run(
    here: Here, tmp_path: Path
) -> None:
    for sampler in ("tpe", "random"):
        more: dict[str, Any] = {"search": {"lr": "loguniform(1e-4,1e-2)"}, "sampler": sampler}
        for trials in (1, 2):
            found = tune(tmp_path / sampler, asked(**more, trials=trials))
        assert len(here.trained) == 2
        here.trained.clear()
        whole = tune(tmp_path / f"{sampler}-whole", asked(**more, trials=2))
        pd.testing.assert_frame_equal(found, whole)
        here.trained.clear()


def test_members_of_a_space_keep_their_numbers_when_there_are_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sampling.ITERATIONS, "random", 50)
    spaces = [f"space:{name}" for name in ("zennet_m", "zennet_r")]
    more: dict[str, Any] = {
        "search": {"lr": "loguniform(1e-4,1e-2)"},
        "sampler": "random",
        "budget": "900M",
    }
    few, many = (first_trials(asked(*spaces, trials=trials, **more)) for trials in (1, 2))
    assert len(few) == 2
    assert {spec.key for spec in few} < {spec.key for spec in many}


@pytest.mark.slow
def test_on_a_real_ray(tmp_path: Path, here: Here) -> None:
    out = tmp_path / "run"
    tune(out, asked(running.NET))
    before = (out / LEDGER_FILE).read_text()
    words = ("--data", DATA, "--set", "batch_size=16", "--set", "schedule=constant")
    process = running.start(out, OTHER, *words, "--epochs", "3", "--seeds", "1")
    _, stderr = running.finish(process)
    assert "extended: sources 1 to 2, epochs 1 to 3; what is trained (1 trial) goes on" in stderr
    assert (out / LEDGER_FILE).read_text().startswith(before)
    assert epochs_of(out) == [3, 3]
    results = pd.read_csv(out / "results.csv")
    assert results["epochs"].tolist() == [3, 3]
    assert results["latency_ms"].notna().all()
    whole = tune(tmp_path / "whole", asked(running.NET, OTHER, epochs=3))
    found = trained_table(out)[SAME].sort_values(["digest", "config"], ignore_index=True)
    pd.testing.assert_frame_equal(found, whole)
