"""Cut a face's regions out of a feature map, as its five landmarks say (AMP-Net's rule).

Landmarks are ``(N, 5, 2)``: left eye, right eye, nose, left and right mouth corner, each (x, y) in
the coordinates of a 224-pixel image whatever the network's input size. They are rounded to cells of
the map first (28 cells at 224 pixels); middles of rounded landmarks are rounded down.

**Patches** (upper left, upper right, lower left, lower right) meet in a corner inside the face:
the upper two in (middle of the eyes, nose row), the lower two in (middle of the mouth, nose row).
Each has the side ``min(row, col, width - col)``, with ``height - row`` for the lower two. Where
that is under a third of the map, the patch on the roomier side grows to what its own room allows,
half of the map at most. Every patch is zero-padded towards its outer corner to half of the map.

**Windows** are squares around the eyes, the point between them and the mouth corners, moved inside.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nasfer.arch.ops import Region

LANDMARK_PX = 224
"""Side of the image in whose coordinates landmarks are given."""

FRONTAL_FACE = ((77.0, 103.0), (147.0, 103.0), (112.0, 143.0), (83.0, 185.0), (141.0, 185.0))
"""Landmarks of an upright, centred face, where a network is measured on no real one.

Source: the alignment template of ArcFace, arXiv:1801.07698, made symmetric, at 224 pixels."""


def landmark_cells(landmarks: Tensor, height: int, width: int) -> Tensor:
    """Round landmarks to cells of a ``height x width`` map.

    Args:
        landmarks: ``(N, 5, 2)`` in 224-pixel coordinates.
    Returns:
        ``(N, 5, 2)`` integers (column, row), from 0 to the map's size; halves go to the even one.
    Example:
        >>> landmark_cells(torch.tensor([[[65.0, 80.0]] * 5]), 28, 28)[0, 0].tolist()
        [8, 10]
    """
    size = torch.tensor([width, height], device=landmarks.device)
    cells = (landmarks.float() * size / LANDMARK_PX).round().long()
    return cells.clamp(min=torch.zeros_like(size), max=size)


def patch_boxes(landmarks: Tensor, height: int = 28, width: int = 28) -> Tensor:
    """Return the corners of the four patches on a ``height x width`` map.

    Args:
        landmarks: ``(N, 5, 2)`` in 224-pixel coordinates.
    Returns:
        ``(N, 4, 4)`` integers a patch: x and y of the outer corner, x and y of the inner one.
    Example:
        >>> face = torch.tensor([[[65, 80], [156, 73], [113, 130], [93, 157], [134, 152]]])
        >>> patch_boxes(face)[0, 0].tolist()
        [0, 2, 14, 16]
    """
    cells = landmark_cells(landmarks, height, width)
    row = cells[:, 2, 1]
    boxes = []
    for pair, room, outwards in ((cells[:, :2, 0], row, -1), (cells[:, 3:, 0], height - row, 1)):
        col = pair.sum(1) // 2
        left, right = _sides(room, col, width - col, min(height, width))
        for side, direction in ((left, -1), (right, 1)):
            outer = (col + direction * side, row + outwards * side)
            boxes.append(torch.stack((*outer, col, row), dim=1))
    return torch.stack(boxes, dim=1)


def _sides(room: Tensor, left: Tensor, right: Tensor, cells: int) -> tuple[Tensor, Tensor]:
    """Sides of a left and a right patch, from the rows and columns that they have."""
    side = torch.minimum(room, torch.minimum(left, right)).clamp(max=cells // 2)
    cramped = 3 * side < cells
    grown = (torch.minimum(room, own).clamp(max=cells // 2) for own in (left, right))
    left_grown, right_grown = grown
    return torch.where(cramped, left_grown, side), torch.where(cramped, right_grown, side)


def window_boxes(landmarks: Tensor, height: int = 28, width: int = 28) -> Tensor:
    """Return the corners of the five windows on a ``height x width`` map.

    Args:
        landmarks: ``(N, 5, 2)`` in 224-pixel coordinates.
    Returns:
        ``(N, 5, 4)`` integers a window: first column and row, and the ones behind the last.
    Example:
        >>> face = torch.tensor([[[65, 80], [156, 73], [113, 130], [93, 157], [134, 152]]])
        >>> window_boxes(face)[0, 2].tolist()
        [9, 4, 19, 14]
    """
    cells = landmark_cells(landmarks, height, width)
    left, right = cells[:, 0], cells[:, 1]
    centres = torch.stack((left, right, (left + right) // 2, cells[:, 3], cells[:, 4]), dim=1)
    side = Region("window").side(height, width)
    last = torch.tensor([width - side, height - side], device=cells.device)
    first = (centres - side // 2).clamp(min=torch.zeros_like(last), max=last)
    return torch.cat((first, first + side), dim=2)


class CutRegion(nn.Module):
    """Cut one region of each face: ``(map, landmarks)`` to a square map of fixed size.

    Args:
        region: which one.
    """

    def __init__(self, region: Region) -> None:
        super().__init__()
        self.region = region

    def forward(self, face: tuple[Tensor, Tensor]) -> Tensor:
        """Map ``(N, C, H, W)`` and ``(N, 5, 2)`` landmarks to ``(N, C, side, side)``."""
        x, landmarks = face
        if self.region.kind == "whole":
            return x
        height, width = int(x.shape[2]), int(x.shape[3])
        side = self.region.side(height, width)
        if self.region.kind == "window":
            box = window_boxes(landmarks, height, width)[:, self.region.index]
            return _gather(x, box[:, 0], box[:, 1], side)
        box = patch_boxes(landmarks, height, width)[:, self.region.index]
        col, row = (torch.minimum(box[:, axis], box[:, axis + 2]) for axis in (0, 1))
        size = (box[:, 3] - box[:, 1]).abs()
        # The padding is outside: the inner corner stays in the corner of the padded square.
        is_lower, is_right = divmod(self.region.index, 2)
        top = row if is_lower else row + size - side
        left = col if is_right else col + size - side
        padded = _gather(x, left, top, side)
        steps = torch.arange(side, device=x.device)
        rows, cols = (
            steps < size[:, None] if keeps_start else steps >= side - size[:, None]
            for keeps_start in (is_lower, is_right)
        )
        inside = (rows[:, :, None] & cols[:, None, :])[:, None]
        return padded * inside.to(x.dtype)

    def extra_repr(self) -> str:
        """Show which region."""
        return f"{self.region.kind}, {self.region.index}"


def _gather(x: Tensor, left: Tensor, top: Tensor, side: int) -> Tensor:
    """Cut a square from each image, its corner anywhere; cells outside repeat the rim."""
    steps = torch.arange(side, device=x.device)
    rows = (top[:, None] + steps).clamp(0, x.shape[2] - 1)
    cols = (left[:, None] + steps).clamp(0, x.shape[3] - 1)
    images = torch.arange(x.shape[0], device=x.device)[:, None, None]
    return x[images, :, rows[:, :, None], cols[:, None, :]].permute(0, 3, 1, 2).contiguous()
