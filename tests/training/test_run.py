"""A training is a function of its settings: however often it is killed on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import torch

from nasfer.data import FaceData
from nasfer.data.sets.drawn import drawn_data
from nasfer.errors import CheckpointError, NasferWarning, RunFolderError, TrialError
from nasfer.models import CheckpointInfo, read_info
from nasfer.presets import load_arch
from nasfer.runs.files import HISTORY_FILE
from nasfer.runs.folder import RunFolder
from nasfer.training.loop import Training
from nasfer.training.recipe import Recipe
from nasfer.training.run import BEST_FILE, TrainResult, run_training
from nasfer.training.settings import TrainSettings
from nasfer.training.state import OLDER_FILE, STATE_FILE, load_state, save_state

NET = "SuperConvK3BNRELU(1,8,2,1)SuperResK3K3(8,16,2,8,1)SuperConvK1BNRELU(16,32,1,1)"
RECIPE = Recipe(epochs=4, batch_size=32, lr=3e-3, crop="pad", flip=0.5, mixup=0.2, ema_decay=0.9)


@pytest.fixture(scope="module")
def faces() -> FaceData:
    return drawn_data(train=160, val=56, test=56)


def settings(recipe: Recipe = RECIPE, **changed: object) -> TrainSettings:
    return TrainSettings(load_arch(NET), "net", "drawn", recipe, 48, **changed)  # type: ignore[arg-type]


def run(path: Path, faces: FaceData, chosen: TrainSettings) -> TrainResult:
    info = CheckpointInfo(NET, faces.class_names, 48, faces.mean, faces.std)
    return run_training(
        chosen, faces, info, RunFolder(path, chosen.plain(), {}, kind="train"), device="cpu"
    )


class Killed(BaseException):
    """Stands for a signal at a chosen batch."""


def interrupted(
    path: Path,
    faces: FaceData,
    monkeypatch: pytest.MonkeyPatch,
    steps: int,
    chosen: TrainSettings | None = None,
) -> None:
    """Train until so many steps are done, then stop as a kill would: nothing more is saved."""
    whole, done = Training._step, iter(range(steps))

    def step(self: Training, *args: object, **kwargs: object) -> object:
        if next(done, None) is None:
            raise Killed
        return whole(self, *args, **kwargs)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Training, "_step", step)
        with pytest.raises(Killed):
            run(path, faces, chosen or settings())


def test_a_killed_training_ends_as_an_undisturbed_one(
    tmp_path: Path, faces: FaceData, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(tmp_path / "whole", faces, settings())
    for steps in (3, 7, 6):  # in the first epoch, in the second of it, in the third
        interrupted(tmp_path / "killed", faces, monkeypatch, steps)
    resumed = run(tmp_path / "killed", faces, settings())
    assert resumed.test.accuracy == whole.test.accuracy
    assert resumed.test.nll == pytest.approx(whole.test.nll, abs=1e-6)
    for ours, theirs in zip(resumed.history, whole.history, strict=True):
        assert ours.train_loss == pytest.approx(theirs.train_loss, abs=1e-6)
        assert ours.val_accuracy == theirs.val_accuracy
    for ours, theirs in zip(resumed.model.parameters(), whole.model.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_a_finished_folder_trains_no_more(tmp_path: Path, faces: FaceData) -> None:
    first = run(tmp_path, faces, settings())
    before = (tmp_path / STATE_FILE).stat().st_mtime_ns
    again = run(tmp_path, faces, settings())
    assert again.test == first.test
    assert (tmp_path / STATE_FILE).stat().st_mtime_ns == before


def test_other_settings_on_the_folder_are_refused(tmp_path: Path, faces: FaceData) -> None:
    run(tmp_path, faces, settings(Recipe(epochs=1, batch_size=32)))
    with pytest.raises(RunFolderError, match="seed = 0, asked for seed = 1"):
        run(tmp_path, faces, settings(Recipe(epochs=1, batch_size=32), seed=1))


def test_the_checkpoint_of_the_best_epoch_describes_itself(tmp_path: Path, faces: FaceData) -> None:
    result = run(tmp_path, faces, settings())
    info = read_info(tmp_path / BEST_FILE)
    assert info.class_names == faces.class_names
    assert (info.resolution, info.mean, info.std) == (48, faces.mean, faces.std)
    table = pd.read_csv(tmp_path / HISTORY_FILE)
    assert list(table["epoch"]) == [1, 2, 3, 4]
    assert result.best.val_accuracy == table["val_accuracy"].max()
    assert any((tmp_path / "tensorboard").iterdir())


def test_a_loss_that_is_not_finite_names_epoch_and_batch(tmp_path: Path, faces: FaceData) -> None:
    wild = Recipe(epochs=2, batch_size=32, lr=1e30, optimizer="sgd", schedule="constant")
    with pytest.raises(TrialError, match=r"epoch 1, batch \d+: loss"):
        run(tmp_path, faces, settings(wild))


def test_the_last_good_checkpoint_stays_when_the_loss_breaks(
    tmp_path: Path, faces: FaceData, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, calls = Training._step, iter(range(100))

    def step(self: Training, *args: object, **kwargs: object) -> object:
        if next(calls) >= 7:
            with torch.no_grad():
                next(iter(self.model.parameters())).fill_(float("nan"))
        return whole(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Training, "_step", step)
    with pytest.raises(TrialError, match=f"epoch 2, batch 3: .*best weights so far: .*{BEST_FILE}"):
        run(tmp_path, faces, settings())
    assert read_info(tmp_path / BEST_FILE).resolution == 48


def test_early_stopping_stops(tmp_path: Path, faces: FaceData) -> None:
    idle = Recipe(epochs=30, batch_size=80, lr=1e-12, schedule="constant", early_stopping=2)
    result = run(tmp_path, faces, settings(idle))
    assert len(result.history) == result.best.epoch + 2


def test_a_damaged_state_falls_back_to_the_older_one_and_says_so(tmp_path: Path) -> None:
    for epoch in (1, 2):
        save_state(tmp_path, {"epoch": epoch})
    (tmp_path / STATE_FILE).write_bytes((tmp_path / STATE_FILE).read_bytes()[:100])
    with pytest.warns(NasferWarning, match=r"state\.pt: damaged"):
        assert load_state(tmp_path) == {"epoch": 1}
    (tmp_path / OLDER_FILE).write_bytes(b"")
    with pytest.raises(CheckpointError, match=r"state\.pt: damaged; remove it"):
        load_state(tmp_path)


WRITER = """
import sys, torch
from pathlib import Path
from nasfer.training.state import save_state
for epoch in range(100000):
    save_state(Path(sys.argv[1]), {"epoch": epoch, "weights": torch.full((200_000,), float(epoch))})
    if epoch == 1:
        print("ready", flush=True)
"""


@pytest.mark.slow
def test_kill_9_among_writes_leaves_a_whole_state(tmp_path: Path) -> None:
    newest = -1
    for attempt in range(8):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.05 * attempt)
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        state = load_state(tmp_path)
        assert state is not None
        assert bool((state["weights"] == state["epoch"]).all())
        newest = max(newest, state["epoch"])
    assert newest > 1
