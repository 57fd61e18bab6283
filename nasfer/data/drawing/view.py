"""A batch of faces as the painter sees it: each pixel's place on the head, and the colours."""

from __future__ import annotations

import torch
from torch import Tensor

from nasfer.data.drawing.canvas import Canvas, Colour
from nasfer.data.drawing.people import Face
from nasfer.data.drawing.pose import feature_shift, turn

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in grey, ITU-R BT.601."""

WIDEST_EDGE = 0.06
"""Width of an edge under full blur, in face units."""


class View:
    """Pixel grids and colours of N faces.

    Args:
        face: measures, each ``(N,)``.
        resolution: side of the pictures, in pixels.
        channels: 1 grey, 3 colour.

    Attributes:
        face: the measures, each ``(N, 1, 1)``.
        column: of each pixel centre, -1 to 1 from edge to edge, ``(1, 1, R)``; ``row`` likewise.
        x: right of the middle of the head, in face units, ``(N, R, R)``; ``y`` below it.
        fx: where on the front of the face a pixel is: x of the features, which move with a turn
            of the head; ``fy`` likewise. ``ax`` is ``|fx|``: both halves of a face at once.
        sharp: 1 / width of a soft edge, in face units, ``(N, 1, 1)``.
        none: zeros, ``(N, 1, 1)``.
        canvas: what has been painted so far.
    Example:
        >>> names = ("roll", "yaw", "pitch", "shift_x", "shift_y", "blur")
        >>> face = {name: torch.zeros(1) for name in names} | {"scale": torch.ones(1)}
        >>> View(face, 4, 1).x[0, 0]
        tensor([-0.7500, -0.2500,  0.2500,  0.7500])
    """

    def __init__(self, face: Face, resolution: int, channels: int) -> None:
        self.face = f = {name: value[:, None, None] for name, value in face.items()}
        self.grey = channels == 1
        places = (torch.arange(resolution, dtype=torch.float32) * 2 + 1) / resolution - 1
        self.column, self.row = places[None, None], places[None, :, None]
        cos, sin = turn(f["roll"])
        inverse = 1 / f["scale"]
        across, down = self.column - f["shift_x"], self.row - f["shift_y"]
        self.x = across * (cos * inverse) + down * (sin * inverse)
        self.y = down * (cos * inverse) - across * (sin * inverse)
        shift_x, shift_y, left, right = feature_shift(f)
        turned = self.x - shift_x
        self.fx = turned * ((left + right) / 2) + turned.abs() * ((right - left) / 2)
        self.fy = self.y - shift_y
        self.ax = self.fx.abs()
        self.sharp = 1 / (2 * inverse / resolution + f["blur"].abs() * WIDEST_EDGE)
        self.none = torch.zeros_like(inverse)
        self.canvas = Canvas([])

    def colour(self, tone: Tensor, warmth: Tensor | None = None) -> Colour:
        """Return a tone, redder or bluer, as one value a channel."""
        if warmth is None:
            return [tone] if self.grey else [tone, tone, tone]
        rgb = [tone * (1 + warmth), tone, tone * (1 - 1.3 * warmth)]
        if self.grey:
            return [rgb[0] * LUMA[0] + rgb[1] * LUMA[1] + rgb[2] * LUMA[2]]
        return rgb

    @property
    def skin(self) -> Colour:
        """Colour of the skin in even light."""
        return self.colour(self.face["skin"], self.face["warmth"])

    @property
    def hair(self) -> Colour:
        """Colour of the hair in even light."""
        return self.colour(self.face["hair"], self.face["hair_red"])
