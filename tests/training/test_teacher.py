"""A teacher's targets are its softmax, joined with the data's classes by name."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from nasfer.arch import parse_arch
from nasfer.errors import CheckpointError, DataError
from nasfer.inference.prepare import prepare
from nasfer.models import create_model
from nasfer.models.checkpoint import CheckpointInfo, save_checkpoint
from nasfer.models.network import Network
from nasfer.training.teacher import Teacher

ARCH = parse_arch("SuperConvK3BNRELU(3,8,2,1)").with_classes(3)
IMAGES = torch.randint(0, 256, (4, 1, 40, 40), dtype=torch.uint8)
OURS = ("neutral", "happiness", "sadness")


def teacher(tmp_path: Path, names: tuple[str, ...], resolution: int = 32) -> tuple[Path, Network]:
    torch.manual_seed(0)
    model = create_model(ARCH).eval()
    path = tmp_path / "teacher.safetensors"
    info = CheckpointInfo(str(ARCH), names, resolution, (0.5,) * 3, (0.2,) * 3)
    save_checkpoint(model, path, info)
    return path, model


def test_targets_are_the_softmax_in_the_datas_order(tmp_path: Path) -> None:
    path, model = teacher(tmp_path, ("happy", "sad", "neutral"))
    targets = Teacher.load(path, OURS)(IMAGES)
    seen = prepare(IMAGES, resolution=32, channels=3, mean=(0.5,) * 3, std=(0.2,) * 3)
    with torch.no_grad():
        beliefs = model(seen).softmax(1)
    torch.testing.assert_close(targets, beliefs[:, [2, 0, 1]])
    assert not targets.requires_grad


@pytest.mark.parametrize("names", [("happy", "sad", "anger"), ()])
def test_other_classes_are_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    path, _ = teacher(tmp_path, names)
    with pytest.raises(DataError, match=r"teacher\.safetensors: "):
        Teacher.load(path, OURS)


def test_an_unknown_image_size_is_refused(tmp_path: Path) -> None:
    path, _ = teacher(tmp_path, OURS, resolution=0)
    with pytest.raises(DataError, match="image size"):
        Teacher.load(path, OURS)


def test_what_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.safetensors").write_text("weights")
    with pytest.raises(CheckpointError, match="no nasfer checkpoint"):
        Teacher.load(tmp_path / "t.safetensors", OURS)
