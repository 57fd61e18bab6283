"""From measures to pictures, a whole batch at once: layers from the wall to the camera."""

from __future__ import annotations

import torch
from torch import Tensor

from nasfer.data.drawing.canvas import Canvas, both, disc, soft
from nasfer.data.drawing.features import paint_features
from nasfer.data.drawing.people import Face
from nasfer.data.drawing.pose import turn
from nasfer.data.drawing.view import View

BEARD_SHARE = 0.25
BALD_SHARE = 0.08
COVER_SHARE = 0.30  # of the pictures; half of the covers miss the face


def render(face: Face, resolution: int, channels: int) -> Tensor:
    """Paint faces, without the camera's noise.

    Args:
        face: measures of N faces, as `nasfer.data.drawing.people.faces_of` has them.
        resolution: side of the pictures, in pixels.
        channels: 1 grey, 3 colour.
    Returns:
        ``(N, channels, resolution, resolution)`` float32, 0 to 1.
    Cost: about 350 elementwise passes over N grey pictures; colour takes a fifth longer.
    Example:
        >>> from nasfer.data.drawing.people import ACTIONS, faces_of
        >>> face = faces_of(0, "train", torch.arange(2), torch.zeros(2, len(ACTIONS)))
        >>> render(face, 48, 3).shape
        torch.Size([2, 3, 48, 48])
    """
    view = View(face, resolution, channels)
    background(view)
    inside, round_ = head(view)
    beard(view, inside)
    paint_features(view)
    light(view, round_)
    cover(view)
    return developed(view)


def background(view: View) -> None:
    """A wall with a gradient, a round thing and a pillar."""
    f, column, row, sharp = view.face, view.column, view.row, view.sharp
    wall = column * f["wall_x"] + row * f["wall_y"]
    view.canvas = Canvas([wall + value for value in view.colour(f["wall"], f["wall_red"])])
    blob = disc(column - f["blob_x"], row - f["blob_y"], f["blob_size"])
    view.canvas.paint(soft(blob, sharp), view.colour(f["blob"], -f["wall_red"]))
    strip = f["strip_size"] - (column - f["strip_x"] + row * f["wall_x"]).abs_()
    view.canvas.paint(soft(strip, sharp), view.colour(f["strip"], f["wall_red"]))


def head(view: View) -> tuple[Tensor, Tensor]:
    """Clothes, neck, hair and face.

    Returns:
        Cover of the face, and squared distance from its middle, 1 at its edge.
    """
    f, x, y, sharp, canvas = view.face, view.x, view.y, view.sharp, view.canvas
    across = x.abs()
    body = both(1.1 - across, (y - 1.05).sub_(across * 0.3))
    canvas.paint(soft(body, sharp), view.colour(f["cloth"], f["wall_red"] * 2))
    neck = both(both(0.42 - across, y - 0.5), 1.2 - y)
    canvas.paint(soft(neck, sharp), [value * 0.72 for value in view.skin])
    length = 0.95 + 0.65 * f["hair_long"] * f["hair_long"]
    below = y.clamp(min=0)
    height = y.clamp(max=0).mul_(1 / 1.10).add_(below * (1 / length))
    out = (x * (1 / (f["width"] + 0.12))).square_().add_(height.square_()).sqrt_()
    mane = soft((1 - out).mul_(0.9), sharp).mul_((f["bald"] > BALD_SHARE).float())
    canvas.paint(mane, view.hair)
    jaw = below.mul_(f["jaw"]).add_(1).mul_(1 / f["width"])  # narrower to the chin
    round_ = jaw.mul_(x).square_().add_(y * y)
    inside = soft((1 - round_.sqrt()).mul_(0.8), sharp)
    canvas.paint(inside, view.skin)
    fringe = (x * f["hair_curve"]).mul_(x).add_(f["hairline"]).sub_(y)
    canvas.paint(soft(fringe, sharp).mul_(mane), view.hair)
    return inside, round_


def beard(view: View, inside: Tensor) -> None:
    """Shade the lower part of some faces."""
    f = view.face
    grown = (f["beard"] < BEARD_SHARE).float() * f["beard_tone"]
    lower = (view.ax * 0.1).add_(view.fy).sub_(0.36).mul_(6).clamp_(0, 1)
    view.canvas.paint(lower.mul_(inside).mul_(grown), view.hair)


def light(view: View, round_: Tensor) -> None:
    """Light from one side, and the shade of a round head; ``round_`` is used up."""
    f = view.face
    shade = view.column * f["light_x"] + view.row * f["light_y"]
    shade.sub_(round_.clamp_(max=1).mul_(f["round"])).add_(1).clamp_(min=0.15)
    for channel in view.canvas.channels:
        channel.mul_(shade)


def cover(view: View) -> None:
    """Hold something before some faces: a hand, round and of the skin's tone, or a board."""
    f = view.face
    x, y = view.column - f["cover_x"], view.row - f["cover_y"]
    cos, sin = turn(f["cover_turn"])
    across, along = x * cos + y * sin, y * cos - x * sin
    wide, high = f["cover_w"], f["cover_h"]
    board = both(wide - across.abs(), high - along.abs())
    hand = (1 - across.mul_(1 / wide).square_().add_(along.mul_(1 / high).square_()).sqrt_()) * wide
    is_hand = f["cover"] > 0
    there = (f["cover"].abs() > 1 - COVER_SHARE).float()
    tones = [
        torch.where(is_hand, skin * 0.9, tone)
        for skin, tone in zip(view.skin, view.colour(f["cover_tone"], f["wall_red"]))
    ]
    view.canvas.paint(soft(torch.where(is_hand, hand, board), view.sharp).mul_(there), tones)


def developed(view: View) -> Tensor:
    """Contrast, brightness and a tone curve that lifts or lowers the middle."""
    f = view.face
    for channel in view.canvas.channels:
        channel.sub_(0.5).mul_(f["contrast"]).add_(0.5 + f["brightness"]).clamp_(0, 1)
        channel.add_((1 - channel).mul_(channel).mul_(f["gamma"]))
    return torch.stack(view.canvas.channels, 1)
