"""A tuning that cannot go further is refused in one line, and nothing of it is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nasfer.errors import ResourceError, RunFolderError
from nasfer.tuning import run as tuning
from nasfer.tuning.asking.settings import Resources
from tests.tuning.here import NET, OTHER, Here, asked, here, one, tune

__all__ = ["here", "one"]  # fixtures


def everything(path: Path) -> dict[Path, bytes]:
    files = (file for file in path.rglob("*") if file.is_file() and file.name != ".lock")
    return {file: file.read_bytes() for file in files}


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "shorter": (NET, {"epochs": 1}, "epochs = 2, asked for epochs = 1; it can only be extended"),
    "fewer seeds": (NET, {"seeds": 1}, "seeds = 2, asked for seeds = 1; it can only be extended"),
    "other": (NET, {"seeds": 3, "scheduler": "asha"}, "scheduler = none, asked for scheduler = as"),
    "other source": (OTHER, {}, "sources = .*; it can only be extended"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_shorter_or_another_run_is_refused_and_nothing_is_written(
    here: Here, tmp_path: Path, name: str
) -> None:
    sources, changed, says = REFUSED[name]
    first = {"epochs": 2, "seeds": 2}
    here.run_on_ray = lambda *args: None  # type: ignore[method-assign]
    tuning.run_tuning(asked(**first), Resources(), tmp_path / "run", {})
    before = everything(tmp_path / "run")
    with pytest.raises(RunFolderError, match=says) as told:
        tuning.run_tuning(asked(sources, **first | changed), Resources(), tmp_path / "run", {})
    assert "\n" not in str(told.value)
    assert everything(tmp_path / "run") == before


def test_what_cannot_be_trained_leaves_the_run_as_it_was(here: Here, one: Path) -> None:
    before = everything(one)
    here.refuses = True
    with pytest.raises(ResourceError):
        tune(one, asked(NET, OTHER, epochs=2))
    assert everything(one) == before
    tune(one, asked())
    for state in one.glob("trials/*/state*.pt"):
        state.unlink()
    before, here.refuses = everything(one), False
    with pytest.raises(RunFolderError, match=r"state\.pt: missing, and more epochs go on from it"):
        tune(one, asked(epochs=2))
    assert everything(one) == before


def test_a_population_is_not_extended(here: Here, tmp_path: Path) -> None:
    more: dict[str, Any] = {"search": {"lr": "loguniform(1e-4,1e-2)"}, "scheduler": "pbt"}
    here.run_on_ray = lambda *args: None  # type: ignore[method-assign]
    tuning.run_tuning(asked(**more, trials=2), Resources(), tmp_path / "run", {})
    before = everything(tmp_path / "run")
    with pytest.raises(RunFolderError, match=r"trials of pbt .* choose another `out`"):
        tuning.run_tuning(asked(**more, trials=3), Resources(), tmp_path / "run", {})
    assert everything(tmp_path / "run") == before
