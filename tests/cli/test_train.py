"""``nasfer train`` as a user meets it: real processes, killed ones among them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from nasfer.inference.result import Result
from nasfer.models import read_info
from tests.cli.test_commands import nasfer

NET = "SuperConvK3BNRELU(1,8,2,1)SuperResK3K3(8,16,2,8,1)SuperConvK1BNRELU(16,32,1,1)"
DATA = "drawn,train=210,val=70,test=70"
SMALL = ("train", NET, "--data", DATA, "--batch-size", "64", "--threads", "1")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train") / "run"
    done = nasfer(*SMALL, "--epochs", "2", "--out", folder)
    assert done.returncode == 0, done.stderr
    assert "test accuracy" in done.stdout
    assert "epoch 2/2" in done.stderr
    return folder


def test_a_training_leaves_what_a_user_wants(trained: Path) -> None:
    for name in ("confusion.png", "curves.png"):
        with Image.open(trained / name) as picture:
            assert min(picture.size) > 300
    table = pd.read_csv(trained / "per_class.csv")
    assert list(table) == ["class", "precision", "recall", "f1", "support"]
    assert len(table) == 7
    info = read_info(trained / "best.safetensors")
    assert info.resolution == 48
    assert len(info.class_names) == 7
    result = Result.from_dict(json.loads((trained / "result.json").read_text()))
    assert 0 <= result.metrics.accuracy <= 1
    assert result.checkpoint == str(trained / "best.safetensors")


def test_the_same_command_reports_and_does_not_train(trained: Path) -> None:
    done = nasfer(*SMALL, "--epochs", "2", "--out", trained, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["test"]["count"] == 70
    assert "epoch" not in done.stderr


@pytest.mark.parametrize(
    ("recipe", "line"),
    [
        ("nasfer", "recipe: nasfer; the paper's own: --recipe paper (zennet)"),
        ("paper", "recipe: zennet, zennet_r's own"),
        ("zennet", "recipe: zennet"),
    ],
)
def test_it_says_which_recipe_is_used_and_offers_the_papers(recipe: str, line: str) -> None:
    done = nasfer("train", "zennet_r", "--data", "drawn,train=14,val=7,test=7", "--resolution", 48,
                  "--recipe", recipe, "--out", "/proc/nasfer")  # fmt: skip
    assert done.returncode == 2
    assert line in done.stderr.splitlines()
    assert "--recipe" in nasfer("train", "--help").stdout


def test_killed_with_9_and_begun_again_it_ends_the_same(tmp_path: Path) -> None:
    arguments = [*SMALL, "--epochs", "4", "--json", "--out"]
    whole = nasfer(*arguments, tmp_path / "whole")
    assert whole.returncode == 0, whole.stderr
    command = [sys.executable, "-m", "nasfer", *map(str, arguments), str(tmp_path / "killed")]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (tmp_path / "killed/state.pt").exists() and running.poll() is None:
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.wait()
    resumed = nasfer(*arguments, tmp_path / "killed")
    assert resumed.returncode == 0, resumed.stderr
    ours, theirs = json.loads(resumed.stdout), json.loads(whole.stdout)
    assert ours["test"] == theirs["test"]
    history = [pd.read_csv(tmp_path / name / "history.csv") for name in ("killed", "whole")]
    same = ["train_loss", "train_accuracy", "val_accuracy", "val_loss"]
    pd.testing.assert_frame_equal(history[0][same], history[1][same], atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["zennet_mm"], "unknown preset 'zennet_mm'"),
        ([NET, "--recipe", "zenet"], "did you mean 'zennet'"),
        ([NET, "--data", "rafdp:."], "unknown data set 'rafdp'; did you mean 'rafdb'"),
        ([NET, "--data", "fer2013:/nowhere"], "/nowhere"),
        ([NET, "--set", "momentun=0.5"], "momentun: unknown option; did you mean 'momentum'"),
        ([NET, "--set", "lr"], "--set: 'lr' is not name=value"),
        ([NET, "--device", "tpu"], "--device: 'tpu'; torch has no such device here"),
        ([NET, "--weights", "/nowhere.pth"], "/nowhere.pth: no such file"),
        (["amp_net", "--data", "drawn,train=70,val=70,test=70", "--recipe", "zennet"], "landmarks"),
    ],
)
def test_wrong_input_is_one_line_and_exit_2(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    done = nasfer("train", *arguments, "--out", tmp_path / "run")
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_training_that_learnt_nothing_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    idle = (*SMALL, "--epochs", "1", "--set", "lr=1e-12", "--out", folder)
    done = nasfer(*idle)
    assert done.returncode == 0, done.stderr
    assert "warning: nothing learnt: " in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("warning: nothing")]
    notes = Result.from_dict(json.loads((folder / "result.json").read_text())).notes
    assert line.removeprefix("warning: ") in notes
    again = nasfer(*idle, "--json")
    assert json.loads(again.stdout)["warning"] == line.removeprefix("warning: ")
