"""A training goes on from what is whole and its own, or says what is not."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch

import nasfer
from nasfer.data import FaceData
from nasfer.data.sets.drawn import drawn_data
from nasfer.errors import CheckpointError, NasferError, NasferWarning
from nasfer.models import CheckpointInfo, create_model, load_network, save_checkpoint
from nasfer.presets import load_arch
from nasfer.runs.files import RUN_FILE
from nasfer.runs.folder import RunFolder
from nasfer.training.recipe import Recipe
from nasfer.training.run import BEST_FILE, TrainResult, run_training
from nasfer.training.settings import TrainSettings
from nasfer.training.state import HEADER, OLDER_FILE, STATE_FILE, load_state, save_state
from tests.runs.test_damage import Damage, damaging, empty

NET = "SuperConvK3BNRELU(1,8,2,1)SuperConvK1BNRELU(8,16,1,1)"
RECIPE = Recipe(epochs=3, batch_size=16, lr=3e-3, ema_decay=0.9)


@pytest.fixture(scope="module")
def faces() -> FaceData:
    return drawn_data(train=48, val=21, test=21)


def train(path: Path, faces: FaceData, recipe: Recipe = RECIPE, seed: int = 0) -> TrainResult:
    settings = TrainSettings(load_arch(NET), "net", "drawn", recipe, 48, seed)
    info = CheckpointInfo(NET, faces.class_names, 48, faces.mean, faces.std)
    folder = RunFolder(path, settings.plain(), {}, kind="train")
    return run_training(settings, faces, info, folder, device="cpu")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, faces: FaceData) -> tuple[Path, TrainResult]:
    path = tmp_path_factory.mktemp("runs") / "run"
    return path, train(path, faces)


@pytest.fixture
def copy(trained: tuple[Path, TrainResult], tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained[0], tmp_path / "run"))


def assert_same(one: TrainResult, other: TrainResult) -> None:
    for ours, theirs in zip(one.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert one.test == other.test


@damaging
@pytest.mark.parametrize("names", [(STATE_FILE,), (BEST_FILE,), (STATE_FILE, BEST_FILE)])
def test_a_damaged_file_never_changes_the_result(
    trained: tuple[Path, TrainResult], copy: Path, faces: FaceData, damage: Damage,
    names: tuple[str, ...],
) -> None:  # fmt: skip
    for name in names:
        damage(copy / name)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        again = train(copy, faces)
    assert_same(again, trained[1])
    said = " ".join(str(one.message) for one in told)
    assert all(name in said for name in names if (trained[0] / name).exists()) or not said


def test_every_bit_of_a_state_counts(tmp_path: Path) -> None:
    save_state(tmp_path, {"weights": torch.arange(64.0), "epoch": 3})
    path = tmp_path / STATE_FILE
    whole = path.read_bytes()
    for place in [*range(120), *range(120, len(whole), 7)]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        with pytest.raises(CheckpointError, match=r"state\.pt: damaged; remove it"):
            load_state(tmp_path)


def without(state: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name not in names}


WRONG = {
    "no weights": lambda state: without(state, "model"),
    "nothing": lambda state: {},
    "not of these settings": lambda state: {**state, "settings": "0" * 64},
    "of nobody's settings": lambda state: without(state, "settings"),
    "weights of another network": lambda state: {**state, "model": {"a": torch.zeros(2)}},
    "other shapes": lambda state: {**state, "model": {k: v[..., None] for k, v in
                                                     state["model"].items()}},
    "not finite": lambda state: {**state, "model": {k: v * float("nan") for k, v in
                                                    state["model"].items()}},
    "no history": lambda state: {**state, "history": [{"epoch": 1}]},
    "no moments": lambda state: {**state, "optimiser": {}},
    "a list": lambda state: [1],
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_a_state_of_something_else_is_one_line_or_the_older_one(
    trained: tuple[Path, TrainResult], copy: Path, faces: FaceData, wrong: str
) -> None:
    state = load_state(copy)
    assert state is not None
    older = (copy / OLDER_FILE).read_bytes()
    save_state(copy, WRONG[wrong](state))
    (copy / OLDER_FILE).write_bytes(older)
    with pytest.warns(NasferWarning, match=r"state\.pt: .*going on from the state before it"):
        assert_same(train(copy, faces), trained[1])
    save_state(copy, WRONG[wrong](state))
    (copy / OLDER_FILE).unlink()
    with pytest.raises(CheckpointError, match=r"state\.pt: .*remove it to train anew") as raised:
        train(copy, faces)
    assert "\n" not in str(raised.value)


def test_old_weights_do_not_end_up_under_new_settings(copy: Path, faces: FaceData) -> None:
    (copy / RUN_FILE).unlink()
    with pytest.raises(NasferError, match=r"run\.yaml is missing.*not empty"):
        train(copy, faces, seed=1)


def test_states_of_older_versions_are_gone_on_with(
    trained: tuple[Path, TrainResult], copy: Path, faces: FaceData
) -> None:
    import yaml

    run = yaml.safe_load((copy / RUN_FILE).read_text())
    (copy / RUN_FILE).write_text(yaml.safe_dump(without(run, "sha256")))
    for name in (STATE_FILE, OLDER_FILE):
        content = (copy / name).read_bytes().split(b"\n", 1)[1]
        assert not content.startswith(HEADER)
        (copy / name).write_bytes(content)
        torch.save(
            without(torch.load(copy / name, weights_only=True), "settings", "best"), copy / name
        )
    assert_same(train(copy, faces), trained[1])
    empty(copy / BEST_FILE)
    result = trained[1]
    if result.best is result.history[-1]:
        with pytest.warns(NasferWarning, match="written anew"):
            assert_same(train(copy, faces), result)
    else:
        with pytest.raises(CheckpointError, match=f"{BEST_FILE}: .*holds the last epoch"):
            train(copy, faces)


def checkpoint(path: Path, **changed: Any) -> Path:
    model = create_model(load_arch(NET))
    about = {"mean": (0.5,), "std": (0.2,), "class_names": ("happiness", "sadness", "anger",
             "fear", "surprise", "disgust", "neutral")}  # fmt: skip
    info = CheckpointInfo(NET, resolution=48, **{**about, **changed})
    save_checkpoint(model, path, info)
    return path


def test_one_bit_of_a_checkpoint_is_noticed(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "a.safetensors")
    whole, first = path.read_bytes(), load_network(path)
    for place in range(8, len(whole), 5):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x01]) + whole[place + 1 :])
        try:
            found = load_network(path)
        except NasferError as error:
            assert "\n" not in str(error)  # noqa: PT017
            continue
        assert found.info == first.info
        for ours, theirs in zip(found.state_dict().values(), first.state_dict().values()):
            assert torch.equal(ours, theirs)


NAN = float("nan")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"std": (0.0,)}, "std"), ({"std": (NAN,)}, "NaN is no finite"), ({"std": (-1.0,)}, "std"),
        ({"mean": (float("inf"),)}, "Infinity is no finite number"), ({"mean": (0.5, 0.5)}, "mean"),
        ({"std": ()}, "without std"), ({"class_names": ("happiness",)}, "1 class_names"),
    ],
)  # fmt: skip
def test_a_checkpoint_that_cannot_prepare_images_is_refused_everywhere(
    tmp_path: Path, changed: dict[str, Any], says: str
) -> None:
    path = checkpoint(tmp_path / "a.safetensors", **changed)
    assert_refused(path, says)


def test_a_checkpoint_with_weights_that_are_not_finite_is_refused_everywhere(
    tmp_path: Path,
) -> None:
    model = create_model(load_arch(NET))
    with torch.no_grad():
        next(iter(model.parameters())).view(-1)[0] = NAN
    info = CheckpointInfo(NET, (), 48, (0.5,), (0.2,))
    save_checkpoint(model, tmp_path / "a.safetensors", info)
    assert_refused(tmp_path / "a.safetensors", "not finite")


def assert_refused(path: Path, says: str) -> None:
    for use in (
        lambda: nasfer.evaluate(path, "drawn,train=20,val=7,test=7"),
        lambda: nasfer.predict(path, [path.with_name("a.png")]),
        lambda: nasfer.export(path, path.with_name("a.onnx")),
    ):
        with pytest.raises(CheckpointError, match=says) as raised:
            use()
        assert "\n" not in str(raised.value)
