"""Schedulers in a real Ray: who is stopped, and that a stopped trial is neither done nor failed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.runners.running import epoch_lines, lines, run

pytestmark = pytest.mark.slow

LAST = 9
SIX_RATES = ("--search", "lr=loguniform(1e-7,1e-2)", "--sampler", "random", "--trials", "6")


@pytest.mark.parametrize("scheduler", ["asha", "median", "hyperband"])
def test_worse_trials_are_stopped_and_the_best_goes_on(scheduler: str, tmp_path: Path) -> None:
    out = tmp_path / "run"
    run(out, *SIX_RATES, "--seeds", "1", "--epochs", str(LAST), "--scheduler", scheduler)
    found = lines(out / "ledger.jsonl")
    stopped = [line for line in found if line["status"] == "stopped"]
    done = [line for line in found if line["status"] == "done"]
    assert len(found) == len(stopped) + len(done) == 6
    assert stopped
    assert done
    for line in stopped:
        epochs = lines(out / "trials" / line["trial"] / "epochs.jsonl")
        assert 1 <= len(epochs) == line["epochs"] < LAST
        assert line["val_accuracy"] == max(epoch["val_accuracy"] for epoch in epochs)
        assert line["test"] is None
    assert all(line["epochs"] == LAST for line in done)
    best = max(found, key=lambda line: line["val_accuracy"])
    assert best["status"] == "done"
    results = pd.read_csv(out / "results.csv")
    assert results["seeds"].tolist() == [1] * len(done) + [0] * len(stopped)
    assert results["accuracy"].notna().tolist() == [True] * len(done) + [False] * len(stopped)
    before = len(epoch_lines(out, 0))
    run(out, *SIX_RATES, "--seeds", "1", "--epochs", str(LAST), "--scheduler", scheduler)
    assert len(epoch_lines(out, 0)) == before
