"""A run goes further by the same command: what says how far only grows, all else stays refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from nasfer.errors import RunFolderError
from nasfer.runs.extending import REACH, identifying
from nasfer.runs.files import RUN_FILE
from nasfer.runs.folder import RunFolder, read_run
from nasfer.runs.seal import digest_of, sealed

LESS: dict[str, dict[str, Any]] = {
    "search": {"seed": 0, "iterations": 5, "top": 1},
    "train": {"seed": 0, "recipe_epochs": 6, "recipe_lr": 0.1},
    "trial": {"seed": 0, "recipe_epochs": 6, "recipe_lr": 0.1},
    "tune": {
        "seed": 0, "sources": ["b"], "top": 1, "trials": 1, "seeds": 1,
        "options": {"epochs": "6", "lr": "0.1"}, "recipe_values": {"epochs": 6, "lr": 0.1},
    },
}  # fmt: skip
MORE: dict[str, dict[str, Any]] = {
    "search": {"seed": 0, "iterations": 9, "top": 2},
    "train": {"seed": 0, "recipe_epochs": 10, "recipe_lr": 0.1},
    "trial": {"seed": 0, "recipe_epochs": 10, "recipe_lr": 0.1},
    "tune": {
        "seed": 0, "sources": ["a", "b"], "top": 2, "trials": 2, "seeds": 2,
        "options": {"epochs": "10", "lr": "0.1"}, "recipe_values": {"epochs": 10, "lr": 0.1},
    },
}  # fmt: skip
kinds = pytest.mark.parametrize("kind", REACH)


@kinds
def test_a_finished_run_goes_further_and_says_so(kind: Any, tmp_path: Path) -> None:
    RunFolder(tmp_path, LESS[kind], {}, kind=kind).finish()
    before = (tmp_path / RUN_FILE).read_bytes()
    folder = RunFolder(tmp_path, MORE[kind], {"command": "more"}, kind=kind)
    assert {step.name for step in folder.steps} == {
        name.rpartition(".")[2].removeprefix("recipe_") for name in REACH[kind]
    }
    assert not folder.finished
    assert (tmp_path / RUN_FILE).read_bytes() == before, "written before it was asked to"
    folder.extend(after=3)
    assert not folder.steps
    run = read_run(tmp_path)
    assert (run.finished, run.settings, run.record) == (False, MORE[kind], {"command": "more"})
    assert all(entry["after"] == 3 for entry in run.extended)
    folder.finish()
    again = RunFolder(tmp_path, MORE[kind], {}, kind=kind)
    assert again.finished
    assert not again.steps
    assert read_run(tmp_path).extended == run.extended


@kinds
def test_a_shorter_run_is_refused_in_each_setting(kind: Any, tmp_path: Path) -> None:
    RunFolder(tmp_path, MORE[kind], {}, kind=kind)
    before = (tmp_path / RUN_FILE).read_bytes()
    for name in REACH[kind]:
        outer, _, inner = name.partition(".")
        less = LESS[kind][outer]
        asked = {**MORE[kind], outer: {**MORE[kind][outer], inner: less[inner]} if inner else less}
        shown = name.rpartition(".")[2].removeprefix("recipe_")
        with pytest.raises(RunFolderError, match=rf"{shown} = .*it can only be extended; ") as told:
            RunFolder(tmp_path, asked, {}, kind=kind)
        assert "\n" not in str(told.value)
    assert (tmp_path / RUN_FILE).read_bytes() == before


@kinds
def test_further_and_other_settings_is_refused(kind: Any, tmp_path: Path) -> None:
    RunFolder(tmp_path, LESS[kind], {}, kind=kind)
    with pytest.raises(RunFolderError, match="seed = 0, asked for seed = 1"):
        RunFolder(tmp_path, {**MORE[kind], "seed": 1}, {}, kind=kind)


def test_the_history_of_extensions_is_kept(tmp_path: Path) -> None:
    for epochs in (3, 6, 10):
        folder = RunFolder(tmp_path, {"recipe_epochs": epochs}, {}, kind="train")
        folder.extend()
        folder.finish()
        assert folder.had("recipe_epochs") == [n for n in (3, 6, 10) if n <= epochs]
    assert yaml.safe_load((tmp_path / RUN_FILE).read_text())["extended"] == [
        {"epochs": 3, "to": 6}, {"epochs": 6, "to": 10},
    ]  # fmt: skip


def test_sources_in_another_order_are_the_same_run(tmp_path: Path) -> None:
    RunFolder(tmp_path, MORE["tune"], {}, kind="tune").finish()
    turned = {**MORE["tune"], "sources": ["b", "a"]}
    assert RunFolder(tmp_path, turned, {}, kind="tune").finished
    with pytest.raises(RunFolderError, match=r"sources = \['a', 'b'\], asked for sources = \['a'"):
        RunFolder(tmp_path, {**turned, "sources": ["a", "c", "d"]}, {}, kind="tune")


def test_a_state_holds_when_the_run_goes_further(tmp_path: Path) -> None:
    RunFolder(tmp_path, LESS["search"], {}, kind="search").write_state({"done": 5})
    folder = RunFolder(tmp_path, MORE["search"], {}, kind="search")
    assert folder.read_state() == {"done": 5}
    folder.extend()
    assert folder.read_state() == {"done": 5}


def test_a_state_with_the_digest_of_all_settings_holds_too(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, LESS["search"], {}, kind="search")
    content = sealed({"settings": digest_of(LESS["search"]), "state": {"done": 5}})
    (tmp_path / "state.json").write_text(json.dumps(content))
    assert folder.read_state() == {"done": 5}
    folder = RunFolder(tmp_path, MORE["search"], {}, kind="search")
    folder.extend()
    assert RunFolder(tmp_path, MORE["search"], {}, kind="search").read_state() == {"done": 5}


@pytest.mark.parametrize("value", [None, "six", "9" * 40, -1.5, [], {}, True, float("nan")])
def test_what_a_damaged_file_says_is_never_taken_for_less(value: Any, tmp_path: Path) -> None:
    RunFolder(tmp_path, {"recipe_epochs": 6}, {}, kind="train")
    content = yaml.safe_load((tmp_path / RUN_FILE).read_text())
    del content["sha256"]
    content["settings"]["recipe_epochs"] = value
    (tmp_path / RUN_FILE).write_text(yaml.safe_dump(content))
    with pytest.raises(RunFolderError):
        RunFolder(tmp_path, {"recipe_epochs": 10}, {}, kind="train")


@pytest.mark.parametrize("value", [3, "x", [1], {"a": 1}, [[]]])
def test_extensions_of_another_form_are_one_line(value: Any, tmp_path: Path) -> None:
    content = {"kind": "train", "settings": {}, "extended": value}
    (tmp_path / RUN_FILE).write_text(yaml.safe_dump(content))
    with pytest.raises(RunFolderError, match="extended: a list of mappings is needed"):
        read_run(tmp_path)


@kinds
def test_what_identifies_a_run_does_not_say_how_far_it_goes(kind: str) -> None:
    assert identifying(kind, LESS[kind]) == identifying(kind, MORE[kind])
