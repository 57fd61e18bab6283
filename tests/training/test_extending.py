"""A training that is extended goes on from its last epoch, and says where it is not undisturbed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

import nasfer
from nasfer.data import FaceData
from nasfer.data.sets.drawn import drawn_data
from nasfer.errors import CheckpointError, NasferWarning, RunFolderError
from nasfer.models import CheckpointInfo, read_weights
from nasfer.presets import load_arch
from nasfer.runs.files import HISTORY_FILE, RUN_FILE
from nasfer.runs.folder import RunFolder, read_run
from nasfer.runs.seal import digest_of
from nasfer.training.loop import Training
from nasfer.training.recipe import Recipe
from nasfer.training.run import BEST_FILE, TrainResult, run_training
from nasfer.training.settings import TrainSettings
from nasfer.training.state import OLDER_FILE, STATE_FILE, load_state, save_state

NET = "SuperConvK3BNRELU(1,8,2,1)SuperConvK1BNRELU(8,16,1,1)"
LESS, MORE = 2, 5
SAME = {
    "constant": {"schedule": "constant"},
    "warm": {"schedule": "constant", "warmup_epochs": 1, "ema_decay": 0.9, "crop": "eased"},
    "step": {"schedule": "step", "step_epochs": 1, "step_factor": 0.5, "optimizer": "sgd"},
}
COSINE = {"schedule": "cosine"}
OTHER = {
    "cosine": {"schedule": "cosine", "warmup_epochs": 1},
    "one_cycle": {"schedule": "one_cycle", "ema_decay": 0.9},
}


@pytest.fixture(scope="module")
def faces() -> FaceData:
    return drawn_data(train=48, val=21, test=21)


def settings(epochs: int, fields: dict[str, Any], seed: int = 0) -> TrainSettings:
    recipe = Recipe(epochs=epochs, batch_size=16, lr=3e-3, flip=0.5, **fields)
    return TrainSettings(load_arch(NET), "net", "drawn", recipe, 48, seed)


def train(path: Path, faces: FaceData, chosen: TrainSettings) -> TrainResult:
    info = CheckpointInfo(NET, faces.class_names, 48, faces.mean, faces.std)
    folder = RunFolder(path, chosen.plain(), {}, kind="train")
    result = run_training(chosen, faces, info, folder, device="cpu")
    folder.finish([STATE_FILE, BEST_FILE])
    return result


def assert_same(one: TrainResult, other: TrainResult) -> None:
    clock = ("seconds", "images_per_second")
    rows = [
        [{name: v for name, v in e.row().items() if name not in clock} for e in result.history]
        for result in (one, other)
    ]
    assert rows[0] == rows[1]
    for ours, theirs in zip(one.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert one.test == other.test


@pytest.mark.parametrize("fields", SAME.values(), ids=SAME)
def test_schedules_without_a_length_come_to_the_undisturbed_result(
    fields: dict[str, Any], tmp_path: Path, faces: FaceData
) -> None:
    for epochs in (LESS, MORE):
        extended = train(tmp_path / "run", faces, settings(epochs, fields))
    assert_same(extended, train(tmp_path / "whole", faces, settings(MORE, fields)))
    run = read_run(tmp_path / "run")
    assert run.finished
    assert run.extended == ({"epochs": LESS, "to": MORE, "after": LESS},)


@pytest.mark.parametrize("fields", OTHER.values(), ids=OTHER)
def test_the_others_go_on_at_the_rates_of_the_longer_one(
    fields: dict[str, Any], tmp_path: Path, faces: FaceData
) -> None:
    first = train(tmp_path / "run", faces, settings(LESS, fields))
    extended = train(tmp_path / "run", faces, settings(MORE, fields))
    whole = train(tmp_path / "whole", faces, settings(MORE, fields))
    assert extended.history[:LESS] == first.history
    rates = [[epoch.lr for epoch in result.history[LESS:]] for result in (extended, whole)]
    assert rates[0] == rates[1]
    assert rates[0][0] > first.history[-1].lr, "no warm restart"
    assert extended.best == max(extended.history, key=lambda epoch: epoch.val_accuracy)
    best = read_weights(tmp_path / "run" / BEST_FILE)
    for name, value in extended.model.state_dict().items():
        assert torch.equal(best[name], value)
    assert len(pd.read_csv(tmp_path / "run" / HISTORY_FILE)) == MORE


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory, faces: FaceData) -> Path:
    path = tmp_path_factory.mktemp("runs") / "short"
    train(path, faces, settings(LESS, COSINE))
    return path


@pytest.fixture
def run(short: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(short, tmp_path / "run"))


class Killed(BaseException):
    """Stands for kill -9: nothing is written after it."""


@pytest.mark.parametrize("steps", [0, 4])
def test_killed_on_the_way_the_same_call_goes_on(
    run: Path, short: Path, tmp_path: Path, faces: FaceData, monkeypatch: pytest.MonkeyPatch,
    steps: int,
) -> None:  # fmt: skip
    chosen = settings(MORE, COSINE)
    undisturbed = train(Path(shutil.copytree(short, tmp_path / "other")), faces, chosen)
    whole, done = Training._step, iter(range(steps))

    def step(self: Training, *args: Any) -> Any:
        if next(done, None) is None:
            raise Killed
        return whole(self, *args)

    with monkeypatch.context() as patch:
        patch.setattr(Training, "_step", step)
        with pytest.raises(Killed):
            train(run, faces, chosen)
    assert not read_run(run).finished
    assert_same(train(run, faces, chosen), undisturbed)
    assert len(read_run(run).extended) == 1


def test_killed_before_its_end_a_training_is_extended_too(
    tmp_path: Path, faces: FaceData, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("nasfer.training.run._write_history", killed)  # after the first epoch
        with pytest.raises(Killed):
            train(tmp_path / "run", faces, settings(LESS, SAME["step"]))
    extended = train(tmp_path / "run", faces, settings(MORE, SAME["step"]))
    assert_same(extended, train(tmp_path / "whole", faces, settings(MORE, SAME["step"])))
    assert read_run(tmp_path / "run").extended[0]["after"] == 1


def everything(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}


@pytest.mark.parametrize(
    ("epochs", "seed", "says"),
    [
        (LESS - 1, 0, "epochs = 2, asked for epochs = 1; it can only be extended; choose another"),
        (MORE, 1, "seed = 0, asked for seed = 1"),
    ],
)
def test_a_shorter_or_another_training_is_refused_and_nothing_is_written(
    run: Path, faces: FaceData, epochs: int, seed: int, says: str
) -> None:
    before = everything(run)
    with pytest.raises(RunFolderError, match=says):
        train(run, faces, settings(epochs, COSINE, seed))
    assert everything(run) == before


def test_without_its_state_a_finished_training_is_not_extended(run: Path, faces: FaceData) -> None:
    for name in (STATE_FILE, OLDER_FILE):
        (run / name).unlink()
    before = everything(run)
    with pytest.raises(CheckpointError, match=r"state\.pt: missing, and more epochs go on from it"):
        train(run, faces, settings(MORE, COSINE))
    assert everything(run) == before


def test_a_damaged_state_leaves_the_older_one_to_go_on_from(run: Path, faces: FaceData) -> None:
    (run / STATE_FILE).write_bytes(b"")
    with pytest.warns(NasferWarning, match=r"state\.pt: damaged; going on from the state before"):
        result = train(run, faces, settings(MORE, COSINE))
    assert len(result.history) == MORE
    assert read_run(run).extended[0]["after"] == LESS - 1


def test_a_state_of_another_number_of_epochs_is_refused(
    run: Path, tmp_path: Path, faces: FaceData
) -> None:
    train(tmp_path / "longer", faces, settings(MORE, COSINE))
    for name in (STATE_FILE, OLDER_FILE):
        shutil.copyfile(tmp_path / "longer" / name, run / name)
    with pytest.raises(CheckpointError, match=r"state\.pt: of another number of epochs than run"):
        train(run, faces, settings(LESS, COSINE))


def test_states_of_older_versions_are_gone_on_with(tmp_path: Path, faces: FaceData) -> None:
    first = settings(LESS, SAME["step"])
    train(tmp_path / "run", faces, first)
    state = load_state(tmp_path / "run")
    assert state is not None
    del state["epochs"]  # they did not say, and carried a digest of all settings
    save_state(tmp_path / "run", {**state, "settings": digest_of(first.plain())})
    (tmp_path / "run" / OLDER_FILE).unlink()
    RunFolder(
        tmp_path / "run", settings(MORE, SAME["step"]).plain(), {}, kind="train"
    ).extend()  # and killed
    extended = train(tmp_path / "run", faces, settings(MORE, SAME["step"]))
    assert_same(extended, train(tmp_path / "whole", faces, settings(MORE, SAME["step"])))


def test_early_stopping_has_ended_for_more_epochs_too(tmp_path: Path, faces: FaceData) -> None:
    idle = {"schedule": "constant", "early_stopping": 1}
    recipes = [Recipe(epochs=n, batch_size=48, lr=1e-12, **idle) for n in (8, 12)]  # type: ignore[arg-type]
    lengths = [
        len(train(tmp_path, faces, TrainSettings(load_arch(NET), "n", "d", r, 48)).history)
        for r in recipes
    ]
    assert lengths[0] == lengths[1] < 8


def test_the_same_call_with_more_epochs_finds_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told: list[str] = []

    def call(epochs: int) -> TrainResult:
        data = "drawn,train=48,val=21,test=21"
        return nasfer.train(
            NET, data, epochs=epochs, batch_size=16, threads=1, device="cpu", note=told.append
        )

    first, second = call(1), call(2)
    assert second.folder == first.folder
    assert second.history[:1] == first.history
    assert told[-1] == (
        f"{first.folder}: extended: epochs 1 to 2; schedule one_cycle is that of 2 epochs now:"
        " a warm restart"
    )
    with pytest.raises(RunFolderError, match="epochs = 2, asked for epochs = 1"):
        call(1)
    assert read_run(first.folder).finished
    assert (first.folder / RUN_FILE).exists()
