"""Checkpoints: what fits loads, what does not is named, and nothing is run."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import torch

import nasfer
from nasfer.arch import parse_arch
from nasfer.errors import CheckpointError
from nasfer.models import create_model, describe, load_checkpoint, read_info, save_checkpoint
from nasfer.presets import load_arch
from nasfer.verifying.presets import golden_figures, golden_state

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
    with pytest.raises(CheckpointError, match="7 classes, the model has 8; `reset_head`"):
        load_checkpoint(model, path)
    assert torch.equal(model.state_dict()["features.0.0.weight"], first)
    load_checkpoint(model, path, reset_head=True)
    assert torch.equal(model.state_dict()["head.2.weight"], before)
    assert not torch.equal(model.state_dict()["features.0.0.weight"], first)


def test_damage_anywhere_is_one_line(tmp_path: Path) -> None:
    model, rng = create_model(parse_arch("SuperConvK3BNRELU(3,8,2,1)")), random.Random(0)
    zipped, legacy = tmp_path / "zipped.pth", tmp_path / "legacy.pth"
    torch.save(model.state_dict(), zipped)
    torch.save(model.state_dict(), legacy, _use_new_zipfile_serialization=False)
    save_checkpoint(model, tmp_path / "own.safetensors", describe(model, ""))
    refused = []
    for path in (zipped, legacy, tmp_path / "own.safetensors"):
        whole = path.read_bytes()
        for turn in range(200):
            damaged = bytearray(whole[: rng.randrange(len(whole))] if turn % 4 == 0 else whole)
            for _ in range(turn % 4):
                damaged[rng.randrange(min(800, len(damaged)))] = rng.randrange(256)
            path.write_bytes(damaged)
            try:
                load_checkpoint(model, path)  # harmless where the damage is in a weight
            except CheckpointError as error:
                refused.append(str(error))
    assert len(refused) > 300
    assert all(line.startswith(str(tmp_path)) and "\n" not in line for line in refused)


def test_features_only_returns_the_last_map_of_each_size() -> None:
    backbone = nasfer.create_model("zennet_m", features_only=True)
    maps = backbone(torch.zeros(1, 3, 64, 64))
    assert [tuple(m.shape[1:]) for m in maps] == [
        (64, 32, 32), (48, 16, 16), (80, 8, 8), (96, 4, 4), (2048, 2, 2),
    ]  # fmt: skip
    assert backbone.channels == [m.shape[1] for m in maps]
