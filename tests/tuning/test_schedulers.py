"""Schedulers in a real Ray: who is stopped, and that a stopped trial is neither done nor failed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from nasfer.runs.seal import unsealed
from tests.tuning.running import epoch_lines, lines, run

pytestmark = pytest.mark.slow

LAST = 5
RATES = ("--search", "lr=loguniform(1e-6,1e-1)", "--sampler", "random", "--set", "crop=none")
FOUR_GOOD_THEN_TWO_BAD = (*RATES, "--trials", "6", "--seed", "4614")
"""Of that seed the first four rates are over 0.01, the last two under 0.00001."""


@pytest.fixture(scope="module")
def stripes(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Pictures that the small network learns in a few epochs, if it learns at all."""
    home = tmp_path_factory.mktemp("stripes")
    rng = np.random.default_rng(0)
    wave = np.broadcast_to(60 * np.sign(np.sin(np.arange(16) * np.pi / 2 + 0.1)), (16, 16))
    patterns = {"happiness": wave, "sadness": wave.T, "neutral": 0 * wave}
    for split, count in (("train", 40), ("val", 15), ("test", 15)):
        for name, pattern in patterns.items():
            (home / split / name).mkdir(parents=True)
            for index in range(count):
                pixels = 128 + pattern + rng.normal(0, 20, (16, 16))
                image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
                image.save(home / split / name / f"{index}.png")
    return f"folder:{home}"


@pytest.mark.parametrize("scheduler", ["asha", "median", "hyperband"])
def test_worse_trials_are_stopped_and_the_best_goes_on(
    scheduler: str, stripes: str, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    more = (*FOUR_GOOD_THEN_TWO_BAD, "--data", stripes, "--seeds", "1", "--epochs", str(LAST))
    run(out, *more, "--scheduler", scheduler)
    found = lines(out / "ledger.jsonl")
    stopped = [line for line in found if line["status"] == "stopped"]
    done = [line for line in found if line["status"] == "done"]
    assert len(found) == len(stopped) + len(done) == 6
    assert stopped
    assert any(line["config"]["lr"] < 1e-5 for line in stopped)
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
    before = len(epoch_lines(out, 4614))
    run(out, *more, "--scheduler", scheduler)
    assert len(epoch_lines(out, 4614)) == before


def test_population_based_training_takes_over_the_weights_of_the_better(
    stripes: str, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    more = ("--data", stripes, "--seeds", "1", "--epochs", "6", "--scheduler", "pbt")
    run(out, *RATES, "--trials", "4", *more, "--grace", "2")
    found = lines(out / "ledger.jsonl")
    assert [line["status"] for line in found] == ["done"] * 4
    changed = list(out.glob("trials/*/values.json"))
    assert changed
    for path in changed:
        (line,) = (line for line in found if line["trial"] == path.parent.name)
        assert line["config"] == unsealed(json.loads(path.read_text()))
    assert not list(out.glob("tune/*/checkpoint_*"))


def test_a_population_goes_on_without_those_that_fail(stripes: str, tmp_path: Path) -> None:
    out = tmp_path / "run"
    more = ("--data", stripes, "--seeds", "1", "--epochs", "4", "--scheduler", "pbt")
    wild = ("--search", "lr=choice(1e-3,1e-2,1e30,1e35)", "--sampler", "random", "--trials", "8")
    run(out, *wild, *more, "--grace", "2", "--set", "optimizer=sgd")
    found = lines(out / "ledger.jsonl")
    assert {line["status"] for line in found} == {"done", "failed"}
    failed = [line for line in found if line["status"] == "failed"]
    assert all("not finite" in line["error"] and line["val_accuracy"] is None for line in failed)
