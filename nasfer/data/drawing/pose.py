"""Where a face is in the picture: roll, turn, scale and shift, and the landmarks under them."""

from __future__ import annotations

import torch
from torch import Tensor

from nasfer.data.drawing.people import Face

SMIRK = 0.16
"""How far a full one-sided smirk lifts its corner, in face units."""

NOSE_TURN = 0.05
"""How far the tip of the nose moves before the other features when the head turns."""


def turn(half: Tensor) -> tuple[Tensor, Tensor]:
    """Return cosine and sine of an angle, given the tangent of its half: exact arithmetic only.

    Example:
        >>> turn(torch.tensor(1.0))
        (tensor(0.), tensor(1.))
    """
    square = half * half
    return (1 - square) / (1 + square), 2 * half / (1 + square)


def feature_shift(face: Face) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return how a turned head moves its features: x and y shift, stretch of left and right half.

    Feature x is ``(head x - shift) * stretch`` of its side: the side turned away is narrower.
    """
    yaw = face["yaw"]
    return yaw * 0.13, face["pitch"], 1 - 0.14 * yaw, 1 + 0.14 * yaw


def mouth_corner(face: Face) -> tuple[Tensor, Tensor]:
    """Return x and y of the right mouth corner before any smirk, in feature coordinates."""
    half = face["mouth_size"] * (1 + 0.28 * face["stretch"] + 0.10 * face["corner"])
    return half, face["mouth_y"] - 0.10 * face["corner"] - 0.02 * face["upper_lip"]


def nose_tip(face: Face) -> tuple[Tensor, Tensor]:
    """Return x and y of the tip of the nose, in feature coordinates."""
    return NOSE_TURN * face["yaw"], face["nose_y"] - 0.02 * face["wrinkle"]


def to_image(face: Face, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Map a point of the features, one a face, to column and row in half sides of the picture.

    Example:
        >>> still = {name: torch.zeros(1) for name in ("roll", "yaw", "pitch", "shift_x")}
        >>> face = {**still, "scale": torch.tensor([0.5]), "shift_y": torch.tensor([0.25])}
        >>> to_image(face, torch.tensor([0.5]), torch.tensor([1.0]))
        (tensor([0.2500]), tensor([0.7500]))
    """
    shift_x, shift_y, left, right = feature_shift(face)
    x = x / torch.where(x < 0, left, right) + shift_x
    y = y + shift_y
    cos, sin = turn(face["roll"])
    scale = face["scale"]
    column = scale * (cos * x - sin * y) + face["shift_x"]
    row = scale * (sin * x + cos * y) + face["shift_y"]
    return column, row


def landmarks_of(face: Face) -> Tensor:
    """Return where the pupils, the tip of the nose and the mouth corners are.

    Returns:
        ``(N, 5, 2)`` float32, x and y in 224-pixel coordinates, in which pixel centres are whole
        numbers: left eye, right eye, nose, left and right mouth corner, as seen in the image.
    """
    corner_x, corner_y = mouth_corner(face)
    lift = SMIRK * face["side"]
    right = face["smirk_side"] > 0
    points = (
        (-face["eye_x"], face["eye_y"]),
        (face["eye_x"], face["eye_y"]),
        nose_tip(face),
        (-corner_x, corner_y - torch.where(right, 0.0, lift)),
        (corner_x, corner_y - torch.where(right, lift, 0.0)),
    )
    placed = torch.stack([torch.stack(to_image(face, x, y), 1) for x, y in points], 1)
    return (placed + 1) * 112 - 0.5
