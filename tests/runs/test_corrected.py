"""A wrong command leaves nothing that refuses the corrected one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import nasfer
from nasfer.errors import NasferError

NET = "SuperConvK3BNRELU(1,8,2,1)SuperConvK1BNRELU(8,16,1,1)"
SEARCH: dict[str, Any] = {
    "space": "zennet_r", "budget": "446M", "iterations": 200, "seed": 0, "top": 0,
    "resolution": 48,
}  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"strategy": "evo"}, {"budget": "1K"}, {"proxy": "zne"}, {"budget": "450Q"},
        {"space": "zennet_x"}, {"population": 1}, {"proxy": "deepmad", "space": "amp_net"},
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_search_leaves_nothing(tmp_path: Path, wrong: dict[str, Any]) -> None:
    out = tmp_path / "run"
    with pytest.raises(NasferError):
        nasfer.search(**{**SEARCH, **wrong}, out=out)
    assert not out.exists()
    assert nasfer.search(**SEARCH, out=out).candidates


@pytest.fixture
def folder_of_faces(tmp_path: Path) -> Path:
    """Class folders; the last image is damaged, and nothing has landmarks."""
    for number in range(40):
        for name in ("happiness", "sadness"):
            path = tmp_path / "faces" / name / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("L", (48, 48), number).save(path)
    return tmp_path / "faces"


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": "nothing.safetensors"}, {"recipe": "nsafer"}, {"options": {"lr": "fast"}},
        {"options": {"teacher": "nobody.safetensors"}}, {"arch": "amp_net"},
        {"options": {"lr": 1e30, "optimizer": "sgd", "schedule": "constant"}},
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_training_leaves_nothing(
    folder_of_faces: Path, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    out = tmp_path / "run"
    right: dict[str, Any] = {"arch": NET, "data": folder_of_faces, "epochs": 1}
    with pytest.raises(NasferError):
        nasfer.train(**{**right, **wrong}, out=out)
    assert not out.exists()
    assert nasfer.train(**right, out=out).history
