"""The ways that docs/architecture.md names are the ways that the code goes."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest
from PIL import Image

import nasfer
from nasfer.cli.app import main
from nasfer.tuning.asking.asking import ask
from nasfer.tuning.proposing.drafts import first_trials
from nasfer.tuning.trial import train_trial
from tests.tuning.running import NET

pytestmark = pytest.mark.slow

PACKAGE = Path(nasfer.__file__).parent
PAGE = (PACKAGE.parent / "docs" / "architecture.md").read_text()
DRAWN = "drawn,train=70,val=14,test=14"


def way(heading: str, paragraph: int = 0) -> list[str]:
    """The files that the page names under a heading, in order."""
    (section,) = re.findall(rf"## {re.escape(heading)}\n\n(.*?)(?=\n## )", PAGE, flags=re.DOTALL)
    return re.findall(r"`([\w/]+\.py)`", section.split("\n\n")[paragraph])


def passed(run: Callable[[], Any]) -> list[str]:
    """The files of nasfer that a run passes, in the order of their first function called."""
    for module in pkgutil.walk_packages(nasfer.__path__, "nasfer."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    seen: dict[str, None] = {}

    def look(frame: FrameType, event: str, argument: Any) -> None:
        name = frame.f_code.co_filename
        if event == "call" and name.startswith(str(PACKAGE) + os.sep):
            seen.setdefault(Path(name).relative_to(PACKAGE).as_posix())

    threading.setprofile(look)
    sys.setprofile(look)
    try:
        run()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return list(seen)


def command(monkeypatch: pytest.MonkeyPatch, *words: str) -> Callable[[], None]:
    def run() -> None:
        monkeypatch.setattr(sys, "argv", ["nasfer", *words])
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code

    return run


def assert_goes(named: list[str], seen: list[str]) -> None:
    assert len(named) > 10
    assert [name for name in named if name not in seen] == []
    assert [name for name in seen if name in named] == named


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("faces")
    rng = np.random.default_rng(0)
    for split in ("train", "val", "test"):
        for name in ("anger", "happiness"):
            (home / split / name).mkdir(parents=True)
            for index in range(6):
                pixels = rng.integers(0, 255, (48, 48), dtype=np.uint8)
                Image.fromarray(pixels).save(home / split / name / f"{index}.png")
    return home


def test_the_way_of_a_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("--iterations", "60", "--top", "1", "--repeats", "1", "--out", str(tmp_path / "run"))
    run = command(monkeypatch, "search", "--budget", "450M", *words)
    assert_goes(way("The way of `--budget 450M`"), passed(run))


def test_the_way_of_a_structure(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = NET.replace("8", "24")  # no cost of it is remembered
    run = command(monkeypatch, "profile", fresh, "--resolution", "56")
    assert_goes(way("The way of a structure string"), passed(run))


def test_the_ways_of_an_image(faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = str(tmp_path / "run")
    data = ("--data", f"folder:{faces}", "--epochs", "1", "--batch-size", "4", "--out", out)
    learn = command(monkeypatch, "train", NET, *data)
    assert_goes(way("The way of an image, to be learnt from"), passed(learn))
    image = str(faces / "test" / "anger" / "0.png")
    read = command(monkeypatch, "predict", f"{out}/best.safetensors", image)
    assert_goes(way("The way of an image, to be read"), passed(read))


def test_the_way_of_a_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("--data", DRAWN, "--epochs", "1", "--out", str(tmp_path / "run"))
    tune = command(monkeypatch, "tune", NET, *words)
    assert_goes(way("The way of a trial"), passed(tune))
    asked = ask([NET.replace("8", "40")], DRAWN, options={"epochs": 1})  # no cost is remembered
    (spec,) = first_trials(asked)
    train = passed(lambda: train_trial(spec, asked.settings, asked.recipe, tmp_path / "alone"))
    assert_goes(way("The way of a trial", 1)[1:], train)
