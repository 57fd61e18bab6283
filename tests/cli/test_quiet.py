"""``--quiet`` leaves the result alone, with warnings and errors; in one place for all commands."""

from __future__ import annotations

import json
from contextvars import copy_context
from pathlib import Path

import pytest

from nasfer.cli.progress import counting, training_watch, watching
from nasfer.cli.quiet import LONG, is_quiet
from nasfer.cli.tune_progress import tune_watch
from nasfer.searching import Progress
from nasfer.training.settings import TrainProgress
from nasfer.tuning.watching import TuneProgress
from tests.cli.test_evaluate import Nasfer, home, nasfer  # noqa: F401  # fixtures
from tests.cli.test_train import NET

SEARCH = ("search", "--space", "zennet_r", "--budget", "30M", "--resolution", "48",
          "--iterations", "100", "--top", "1", "--repeats", "1", "--json")  # fmt: skip
TRAIN = ("train", NET, "--data", "drawn,train=14,val=7,test=7", "--epochs", "1", "--threads", "1")


@pytest.mark.parametrize("command", LONG)
def test_each_long_command_takes_it(nasfer: Nasfer, command: str) -> None:  # noqa: F811
    done = nasfer(command, "--help")
    assert "--quiet" in done.stdout
    wrong = nasfer("--quiet", command, "--no-such-option")
    assert (wrong.returncode, len(wrong.stderr.splitlines())) == (2, 1)  # errors stay


def test_the_result_stays_and_nothing_else(
    nasfer: Nasfer, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    runs = {
        name: nasfer(*words, "--out", tmp_path / name)
        for name, words in {
            "loud": SEARCH, "behind": (*SEARCH, "--quiet"), "before": ("--quiet", *SEARCH),
        }.items()
    }  # fmt: skip
    assert {done.returncode for done in runs.values()} == {0}
    found = {json.dumps(json.loads(done.stdout)["candidates"]) for done in runs.values()}
    assert len(found) == 1
    assert "proposing 100/100" in runs["loud"].stderr
    assert runs["behind"].stderr == runs["before"].stderr == ""
    assert not is_quiet()  # one command's wish is not the next one's


def test_a_training_says_its_warning_alone(
    nasfer: Nasfer, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    loud = nasfer(*TRAIN, "--out", tmp_path / "loud", "--set", "lr=1e-12")
    quiet = nasfer(*TRAIN, "--out", tmp_path / "quiet", "--set", "lr=1e-12", "--quiet")
    assert "epoch 1/1" in loud.stderr
    assert "recipe: nasfer" in loud.stderr
    (line,) = quiet.stderr.splitlines()
    assert line.startswith("warning: nothing learnt: ")
    table = quiet.stdout.replace(f"{tmp_path}/quiet", f"{tmp_path}/loud")
    assert table == loud.stdout


def test_an_untrained_export_is_a_note(
    nasfer: Nasfer, home: Path, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    words = ("export", NET, "--resolution", "32", "--out", tmp_path / "x.onnx")
    assert "untrained weights" in nasfer(*words).stderr
    assert nasfer(*words, "--quiet").stderr == ""
    done = nasfer("evaluate", home / "net.safetensors", "--data", f"folder:{home}/faces",
                  "--no-latency", "--quiet")  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].split()[-1] == "images"  # no note before the table


def test_no_watch_says_anything(capsys: pytest.CaptureFixture[str]) -> None:
    def all_of_them() -> None:
        with watching() as watch:
            watch(Progress("propose", 9, 9))
        with training_watch() as train:
            train(TrainProgress(1, 1, 9, 9, 0.5, 0.5, 1.0, None))
        with tune_watch() as tune:
            tune(TuneProgress(1, 0, 1, 0, 0))
        with counting("reading") as count:
            count(9, 9)

    all_of_them()
    assert len(capsys.readouterr().err.splitlines()) == 4
    copy_context().run(_quietly, all_of_them)
    assert capsys.readouterr().err == ""


def _quietly(function: object) -> None:
    from nasfer.cli.quiet import _set

    _set(True)
    assert callable(function)
    function()
