"""A tuning whose trials are trained in this process, one by one, where Ray would train them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from nasfer.errors import ResourceError
from nasfer.report import trained_table
from nasfer.tuning import run as tuning
from nasfer.tuning.asking.asking import ask
from nasfer.tuning.asking.settings import Resources
from nasfer.tuning.book import Book
from nasfer.tuning.proposing.plan import Plan
from nasfer.tuning.trial import train_trial
from tests.tuning.running import lines

NET = "SuperConvK3BNRELU(1,8,2,1)SuperConvK1BNRELU(8,16,1,1)"
OTHER = "SuperConvK3BNRELU(1,8,2,1)SuperConvK1BNRELU(8,24,1,1)"
DATA = "drawn,train=48,val=21,test=21"
SAME = ["digest", "config", "seeds", "epochs", "accuracy", "val_accuracy", "nll"]


class Killed(BaseException):
    """Stands for kill -9 of the driver."""


class Here:
    """Trains in this process what Ray would; may refuse to start, or die after some trials."""

    def __init__(self) -> None:
        self.trained: list[str] = []
        self.refuses = False
        self.dies_after = 1_000

    @contextmanager
    def ray_for(self, resources: Any, threads: int) -> Iterator[Any]:
        if self.refuses:
            raise ResourceError("a trial asks for 512 CPU, and no node has that")
        yield SimpleNamespace(signal=None)

    def run_on_ray(self, plan: Plan, book: Book, asked: Any, *more: Any) -> None:
        while (spec := plan.next()) is not None:
            if len(self.trained) == self.dies_after:
                raise Killed
            self.trained.append(spec.key)
            book.enter(train_trial(spec, asked.settings, asked.recipe, book.folder.path))


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Here:
    found = Here()
    for name in ("cluster", "engine"):
        monkeypatch.setitem(sys.modules, f"nasfer.tuning.on_ray.{name}", found)  # type: ignore[arg-type]
    monkeypatch.setattr(tuning, "time_networks", lambda *args, **kwargs: {})
    return found


def asked(*sources: str, epochs: int = 1, schedule: str = "constant", **more: Any) -> Any:
    options = {"epochs": str(epochs), "batch_size": "16", "schedule": schedule}
    return ask(sources or [NET], DATA, options=options, **more)


def tune(out: Path, wanted: Any, told: list[str] | None = None) -> pd.DataFrame:
    note = (lambda line: None) if told is None else told.append
    tuning.run_tuning(wanted, Resources(), out, {}, note=note)
    return trained_table(out)[SAME].sort_values(["digest", "config"], ignore_index=True)


def epochs_of(out: Path) -> list[int]:
    """Epochs in all, and how many of them are distinct."""
    done = [[x["epoch"] for x in lines(path)] for path in out.glob("trials/*/epochs.jsonl")]
    assert all(len(one) == len(set(one)) for one in done), "an epoch was trained again"
    return sorted(map(len, done))


@pytest.fixture
def one(here: Here, tmp_path: Path) -> Path:
    """A finished run of one trial of one epoch."""
    tune(tmp_path / "run", asked())
    here.trained.clear()
    return tmp_path / "run"
