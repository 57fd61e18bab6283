"""Every run folder says what it holds; those of before are told apart by their settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import nasfer
from nasfer.errors import RunFolderError
from nasfer.report import is_tune_run, trained_table
from nasfer.runs.folder import RunFolder, read_run
from tests.tuning.running import NET

TRAIN: dict[str, Any] = {"epochs": 1, "batch_size": 64, "threads": 1}


def test_each_kind_of_run_says_so(tmp_path: Path) -> None:
    small = {"iterations": 100, "resolution": 48, "top": 0}
    nasfer.search("zennet_r", "30M", out=tmp_path / "search", **small)
    nasfer.train(NET, "drawn,train=70,val=14,test=14", out=tmp_path / "train", **TRAIN)
    for kind in ("search", "train"):
        assert yaml.safe_load((tmp_path / kind / "run.yaml").read_text())["kind"] == kind
        assert read_run(tmp_path / kind).kind == kind


def test_a_training_is_no_tune_run(tmp_path: Path) -> None:
    nasfer.train(NET, "drawn,train=70,val=14,test=14", out=tmp_path, **TRAIN)
    assert not is_tune_run(tmp_path)
    with pytest.raises(RunFolderError, match="a run of nasfer train; one of nasfer tune is needed"):
        trained_table(tmp_path)


@pytest.mark.parametrize(
    ("kind", "settings", "record"),
    [
        ("search", {"objective_proxy": "zen", "space": "zennet_m"}, {}),
        ("train", {"arch": "S(1)", "recipe_lr": 0.1}, {"command": "nasfer train"}),
        ("trial", {"arch": "S(1)", "recipe_lr": 0.1}, {"trial": "ab-s0"}),
        ("tune", {"kind": "tune", "sources": ["zennet_m"]}, {}),
    ],
)
def test_folders_of_before_kinds_stood_in_them_go_on(
    kind: Any, settings: dict[str, Any], record: dict[str, Any], tmp_path: Path
) -> None:
    content = {"finished": True, "settings": settings, **record}
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(content))
    assert read_run(tmp_path).kind == kind
    asked = {name: value for name, value in settings.items() if name != "kind"}
    assert RunFolder(tmp_path, asked, record, kind=kind).finished


def test_a_folder_of_another_kind_is_refused(tmp_path: Path) -> None:
    RunFolder(tmp_path, {"seed": 1}, {}, kind="train")
    with pytest.raises(RunFolderError, match="holds a run of nasfer train, not of nasfer search"):
        RunFolder(tmp_path, {"seed": 1}, {}, kind="search")
