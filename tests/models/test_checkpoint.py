"""Checkpoints: what fits loads, what does not is named, and nothing is run."""

from __future__ import annotations

import os
import pickle
import re
from pathlib import Path
from typing import Any

import pytest
import torch

import nasfer
from nasfer.errors import CheckpointError
from nasfer.models import create_model, describe, load_checkpoint, read_info, save_checkpoint
from nasfer.presets import load_arch
from nasfer.verify import golden_figures, golden_state

R = load_arch("zennet_r")


def published(path: Path, wrap: Any = lambda state: state) -> Path:
    torch.save(wrap(golden_state(golden_figures("zennet_r"))), path)
    return path


WRAPS = {
    "bare": lambda state: state,
    "state_dict": lambda state: {"epoch": 3, "state_dict": state},
    "model": lambda state: {"model": state},
    "module.": lambda state: {f"module.{key}": value for key, value in state.items()},
    "both": lambda state: {"state_dict": {f"module.{k}": v for k, v in state.items()}},
}


@pytest.mark.parametrize("wrap", WRAPS)
def test_published_files_load_however_they_are_wrapped(wrap: str, tmp_path: Path) -> None:
    model = load_checkpoint(create_model(R), published(tmp_path / "r.pth", WRAPS[wrap]))
    wanted = golden_state(golden_figures("zennet_r"))
    assert torch.equal(model.state_dict()["head.2.weight"], wanted["fc_linear.netblock.weight"])


def test_own_files_come_back_with_their_description(tmp_path: Path) -> None:
    model = create_model(load_arch("efficientface"))
    save_checkpoint(model, tmp_path / "a.safetensors", describe(model, "efficientface"))
    info = read_info(tmp_path / "a.safetensors")
    assert info.class_names[:2] == ("neutral", "happiness")
    assert info.mean == (0.5754, 0.4493, 0.4008)
    again = nasfer.create_model(info.structure, checkpoint_path=tmp_path / "a.safetensors")
    for key, value in model.state_dict().items():
        assert torch.equal(again.state_dict()[key], value)


def test_another_class_count_is_an_error_unless_the_head_is_reset(tmp_path: Path) -> None:
    path = published(tmp_path / "r.pth")
    model = create_model(R, num_classes=8)
    before = model.state_dict()["head.2.weight"].clone()
    first = model.state_dict()["features.0.0.weight"].clone()
    with pytest.raises(CheckpointError, match="7 classes, the model has 8; --reset-head"):
        load_checkpoint(model, path)
    assert torch.equal(model.state_dict()["features.0.0.weight"], first)
    load_checkpoint(model, path, reset_head=True)
    assert torch.equal(model.state_dict()["head.2.weight"], before)
    assert not torch.equal(model.state_dict()["features.0.0.weight"], first)


def test_weights_of_another_preset_name_three_missing_and_unexpected_keys(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError) as raised:
        load_checkpoint(create_model(load_arch("emo_net")), published(tmp_path / "r.pth"))
    message = str(raised.value)
    assert re.search(r"missing [^,;]+, [^,;]+, [^,;]+ and \d+ more; unexpected", message)
    assert "\n" not in message


class Payload:
    """Creates a file if it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (self.path,)


def test_code_in_a_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    torch.save({"state_dict": Payload(str(tmp_path / "ran"))}, tmp_path / "evil.pth")
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(Payload(str(tmp_path / "ran")), protocol=2))
    for name in ("evil.pth", "plain.pth"):
        with pytest.raises(CheckpointError, match="not run"):
            load_checkpoint(create_model(R), tmp_path / name)
    assert not (tmp_path / "ran").exists()


def damaged(path: Path) -> dict[str, Path]:
    whole = published(path / "whole.pth").read_bytes()
    files = {
        "truncated.pth": whole[: len(whole) // 2],
        "empty.pth": b"",
        "text.pth": b"<html>not found</html>",
        "text.safetensors": b"<html>not found</html>",
        "empty.safetensors": b"",
    }
    for name, content in files.items():
        (path / name).write_bytes(content)
    torch.save([1, 2, 3], path / "list.pth")
    torch.save({"accuracy": 0.5}, path / "no_tensors.pth")
    names = [*files, "list.pth", "no_tensors.pth", "missing.pth"]
    return {name: path / name for name in names}


@pytest.mark.parametrize(
    "name",
    [
        "truncated.pth", "empty.pth", "text.pth", "text.safetensors", "empty.safetensors",
        "list.pth", "no_tensors.pth", "missing.pth",
    ],
)  # fmt: skip
def test_a_file_that_is_no_checkpoint_is_one_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError) as raised:
        load_checkpoint(create_model(R), damaged(tmp_path)[name])
    assert name in str(raised.value)
    assert "\n" not in str(raised.value)


def test_features_only_returns_the_last_map_of_each_size() -> None:
    backbone = nasfer.create_model("zennet_m", features_only=True)
    maps = backbone(torch.zeros(1, 3, 64, 64))
    assert [tuple(m.shape[1:]) for m in maps] == [
        (64, 32, 32), (48, 16, 16), (80, 8, 8), (96, 4, 4), (2048, 2, 2),
    ]  # fmt: skip
    assert backbone.channels == [m.shape[1] for m in maps]
