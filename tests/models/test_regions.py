"""The regions of a face are the published ones, and are cut where the rule says."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from nasfer.arch.ops import Region
from nasfer.models.regions import CutRegion, patch_boxes, window_boxes
from tests.golden_files import golden

CASES = golden("amp_net")["region_cases"]


@pytest.mark.parametrize("case", CASES)
def test_boxes_equal_the_published_ones(case: dict[str, Any]) -> None:
    landmarks = torch.tensor([case["landmarks"]])
    assert patch_boxes(landmarks).flatten().tolist() == case["rect"]
    windows = window_boxes(landmarks)[0][:, [0, 2, 1, 3]]  # golden order: x1 x2 y1 y2
    assert windows.flatten().tolist() == case["rect_local"]


def faces() -> torch.Tensor:
    """Return the landmarks of all cases, and some at the rim and outside of the image."""
    cases = [case["landmarks"] for case in CASES]
    return torch.tensor([*cases, [[0.0, 0.0]] * 5, [[224.0, 224.0]] * 5, [[-50.0, 300.0]] * 5])


@pytest.mark.parametrize("index", range(4))
def test_patches_are_padded_towards_their_outer_corner(index: int) -> None:
    landmarks, maps = faces(), torch.rand(23, 2, 28, 28) + 1
    cut = CutRegion(Region("patch", index))((maps, landmarks))
    for face, (x1, y1, x2, y2) in enumerate(patch_boxes(landmarks)[:, index].tolist()):
        inside = maps[face, :, min(y1, y2) : max(y1, y2), min(x1, x2) : max(x1, x2)]
        rows, cols = 14 - inside.shape[1], 14 - inside.shape[2]
        padding = (0, cols) if x1 > x2 or index % 2 else (cols, 0)
        padding += (0, rows) if index >= 2 else (rows, 0)
        assert torch.equal(cut[face], torch.nn.functional.pad(inside, padding))


@pytest.mark.parametrize("index", range(5))
def test_windows_are_cut_inside_the_map(index: int) -> None:
    landmarks, maps = faces(), torch.rand(23, 2, 28, 28)
    cut = CutRegion(Region("window", index))((maps, landmarks))
    for face, (x1, y1, x2, y2) in enumerate(window_boxes(landmarks)[:, index].tolist()):
        assert torch.equal(cut[face], maps[face, :, y1:y2, x1:x2])


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (6, 6), (14, 14), (7, 11), (28, 20)])
def test_shapes_follow_the_map_alone(size: tuple[int, int]) -> None:
    maps = torch.rand(23, 2, *size)
    for region in (
        *(Region("patch", i) for i in range(4)),
        *(Region("window", i) for i in range(5)),
    ):
        side = region.side(*size)
        assert CutRegion(region)((maps, faces())).shape == (23, 2, side, side)
