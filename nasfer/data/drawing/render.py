"""Painting faces: from measures to pictures, a whole batch at once."""

from __future__ import annotations

import torch
from torch import Tensor

from nasfer.data.drawn_canvas import Canvas, disc, line, soft, stroke
from nasfer.data.drawn_faces import (
    BALD_SHARE,
    BEARD_SHARE,
    GLASSES_SHARE,
    SMIRK,
    Face,
    feature_shift,
    mouth_corner,
    turn,
)

_LUMA = (0.299, 0.587, 0.114)
Colour = list[Tensor]


def render(face: Face, resolution: int, channels: int) -> Tensor:
    """Paint faces, without noise.

    Args:
        face: measures of N faces.
        resolution: side of the pictures, in pixels.
        channels: 1 grey, 3 colour.
    Returns:
        ``(N, channels, resolution, resolution)`` float32, 0 to 1.
    """
    face = {name: value[:, None, None] for name, value in face.items()}
    column = ((torch.arange(resolution, dtype=torch.float32) * 2 + 1) / resolution - 1)[None, None]
    row = column.transpose(1, 2)
    cos, sin = turn(face["roll"])
    inverse = 1 / face["scale"]
    right, down = column - face["shift_x"], row - face["shift_y"]
    x = (right * (cos * inverse)) + (down * (sin * inverse))
    y = (down * (cos * inverse)) - (right * (sin * inverse))
    sharp = 1 / (2 * inverse / resolution + face["blur"] * 0.06)
    paint = _Painter(face, x, y, sharp, channels, column, row)
    paint.background()
    paint.head()
    paint.features()
    paint.light()
    paint.cover()
    return paint.finished()


class _Painter:
    """One batch in the making; the methods are called in the order of the layers."""

    def __init__(
        self, face: Face, x: Tensor, y: Tensor, sharp: Tensor, channels: int, column: Tensor,
        row: Tensor,
    ) -> None:  # fmt: skip
        self.face, self.x, self.y, self.sharp, self.grey = face, x, y, sharp, channels == 1
        self.column, self.row = column, row
        f = face
        shift_x, shift_y, left, right = feature_shift(face)
        u = x - shift_x
        self.fx = (u * ((left + right) / 2)).add_(u.abs().mul_((right - left) / 2))
        self.fy = y - shift_y
        self.ax = self.fx.abs()
        self.skin = self.colour(f["skin"], f["warmth"])
        self.hair = self.colour(f["hair"], f["hair_red"])

    def colour(self, tone: Tensor, warmth: Tensor) -> Colour:
        """A tone, redder or bluer, as one value a channel."""
        rgb = [tone * (1 + warmth), tone, tone * (1 - 1.3 * warmth)]
        if self.grey:
            return [rgb[0] * _LUMA[0] + rgb[1] * _LUMA[1] + rgb[2] * _LUMA[2]]
        return rgb

    def toned(self, colour: Colour, factor: Tensor | float) -> Colour:
        return [value * factor for value in colour]

    def background(self) -> None:
        f, column, row = self.face, self.column, self.row
        wall = column * f["wall_x"] + row * f["wall_y"]
        self.canvas = Canvas([wall + value for value in self.colour(f["wall"], f["wall_red"])])
        sharp = self.sharp
        blob = disc(column - f["blob_x"], row - f["blob_y"], f["blob_size"])
        self.canvas.paint(soft(blob, sharp), self.colour(f["blob"], f["wall_red"] * -1))
        strip = f["strip_size"] - (column - f["strip_x"] + row * f["wall_x"]).abs_()
        self.canvas.paint(soft(strip, sharp), self.colour(f["strip"], f["wall_red"]))

    def head(self) -> None:
        f, x, y, sharp, canvas = self.face, self.x, self.y, self.sharp, self.canvas
        across = x.abs()
        body = torch.minimum(1.1 - across, (y - 1.05).add_(across * -0.3))
        canvas.paint(soft(body, sharp), self.colour(f["cloth"], f["wall_red"] * 2))
        neck = torch.minimum(0.42 - across, torch.minimum(y - 0.5, 1.2 - y))
        canvas.paint(soft(neck, sharp), self.toned(self.skin, 0.72))
        with_hair = (f["bald"] > BALD_SHARE).float()
        length = 0.95 + 0.65 * f["hair_long"] * f["hair_long"]
        upper = y.clamp(max=0) * (1 / 1.10)
        lower = y.clamp(min=0) * (1 / length)
        vertical = upper.add_(lower)
        out = (x * (1 / (f["width"] + 0.12))).square_().add_(vertical.square_()).sqrt_()
        mane = soft((1 - out).mul_(0.9), sharp)
        canvas.paint(mane.mul_(with_hair), self.hair)
        narrowing = (y.clamp(min=0).mul_(f["jaw"])).add_(1).mul_(1 / f["width"])
        self.radius2 = narrowing.mul_(x).square_().add_(y * y)
        inside = soft((1 - self.radius2.sqrt()).mul_(0.8), sharp)
        canvas.paint(inside, self.skin)
        self.inside = inside
        front = f["hairline"] + f["hair_curve"] * x * x - y
        canvas.paint(soft(front, sharp).mul_(inside).mul_(with_hair), self.hair)
        beard = (self.fy - 0.36).add_(self.ax * 0.1)
        has = (f["beard"] < BEARD_SHARE).float() * f["beard_tone"]
        mask = beard.mul_(6).clamp_(0, 1).mul_(inside).mul_(has)
        canvas.paint(mask, self.hair)

    def features(self) -> None:
        self.creases()
        self.eyes()
        self.brows()
        self.nose()
        self.mouth()
        self.glasses()

    def creases(self) -> None:
        f, ax, y, sharp = self.face, self.ax, self.fy, self.sharp
        none = f["lip"] * 0
        corner_x, corner_y = mouth_corner(f)
        nose_x = f["nose_size"] + 0.05
        fold = line(ax, y, (nose_x, f["nose_y"], corner_x + 0.07, corner_y), none + 0.014)
        self.canvas.darken(soft(fold, sharp).mul_((0.06 + 0.4 * f["fold"]).clamp(max=0.6)))
        brow = f["eye_y"] - f["brow_gap"]
        wide = 0.055 - 0.015 * f["furrow"]
        furrow = line(ax, y, (wide, brow - 0.05, wide, brow + 0.12), none + 0.016)
        self.canvas.darken(soft(furrow, sharp).mul_((0.5 * f["furrow"]).clamp(max=0.6)))
        bridge = f["eye_y"] + 0.10
        wave = ((y - bridge) * 14).sub_(ax * 5)
        wave = wave.sub_(wave.floor()).sub_(0.5).abs_().mul_(2)
        patch = torch.minimum(0.13 - ax, 0.12 - (y - bridge).abs_())
        self.canvas.darken(soft(patch, sharp).mul_(wave).mul_((0.6 * f["wrinkle"]).clamp(max=0.7)))

    def eyes(self) -> None:
        f, y, sharp, canvas = self.face, self.fy, self.sharp, self.canvas
        none = f["lip"] * 0
        size = f["eye_size"]
        dx = self.ax - f["eye_x"]
        u = dx * (1 / size)
        arch = 1 - u * u
        tilted = (y - f["eye_y"]).add_(u * f["eye_slant"])
        lid = (0.42 + 0.30 * f["lid"] - 0.14 * f["squint"]).clamp(min=0.10) * size
        low = (0.34 + 0.06 * f["lid"] - 0.24 * f["squint"]).clamp(min=0.07) * size
        top = (arch * lid).add_(tilted)
        bottom = (arch * low).sub_(tilted)
        opening = soft(torch.minimum(top, bottom), sharp)
        canvas.paint(opening, self.colour(0.5 + 0.45 * f["skin"].clamp(max=0.9), none))
        iris = f["iris"] * size
        away = disc(dx, y - f["eye_y"], iris)
        pupil = soft(away - iris * 0.45, sharp)
        canvas.paint(soft(away, sharp).mul_(opening), self.colour(f["eye_tone"], f["warmth"]))
        canvas.paint(pupil.mul_(opening), self.colour(f["eye_tone"] * 0.2, f["warmth"]))
        lash = stroke(u, top, none + 0.018, size)
        canvas.darken(soft(lash, sharp).mul_(0.65))
        bag = stroke(u, bottom.sub_(-0.035), none + 0.013, size)
        canvas.darken(soft(bag, sharp).mul_((0.1 + 0.4 * f["squint"]).clamp(max=0.5)))

    def brows(self) -> None:
        f, sharp = self.face, self.sharp
        size = f["brow_size"]
        u = (self.ax - (f["eye_x"] + 0.01 - 0.02 * f["furrow"])).mul_(1 / size)
        inner, outer = f["brow_inner"] * 0.10, f["brow_outer"] * 0.085
        level = f["eye_y"] - f["brow_gap"] - (inner + outer) / 2
        slope = (inner - outer) / 2
        off = (u * f["brow_arch"]).add_(slope).mul_(u).add_(level - f["brow_arch"]).sub_(self.fy)
        brow = stroke(u, off, f["brow_thick"], size)
        self.canvas.paint(soft(brow, sharp).mul_(0.9), self.toned(self.hair, 0.7))

    def nose(self) -> None:
        f, sharp, canvas = self.face, self.sharp, self.canvas
        none = f["lip"] * 0
        size, low = f["nose_size"], f["nose_y"] - 0.02 * f["wrinkle"]
        x = self.fx - 0.05 * f["yaw"]
        side = torch.where(f["light_x"] > 0, -1.0, 1.0)
        ridge = line(
            x, self.fy,
            (side * 0.05, f["eye_y"] + 0.02, side * size * 0.9, low), none + 0.018,
        )  # fmt: skip
        canvas.darken(soft(ridge, sharp).mul_(0.18 + 0.25 * f["light_x"].abs()))
        nostril = disc(x.abs_().sub_(size * 0.62), (self.fy - low - 0.02).mul_(1.6), size * 0.36)
        canvas.darken(soft(nostril, sharp).mul_(0.6))

    def mouth(self) -> None:
        f, y, sharp, canvas = self.face, self.fy, self.sharp, self.canvas
        none = f["lip"] * 0
        half, corner_y = mouth_corner(f)
        u = self.fx * (1 / half)
        square = u * u
        lift = (u * (f["side_right"])).clamp_(min=0)
        middle = f["mouth_y"] + 0.05 * f["corner"] - 0.03 * f["upper_lip"]
        curve = (square * (corner_y - middle)).add_(middle)
        curve = curve.sub_(lift.mul_(lift).mul_(SMIRK * f["side"].clamp(min=0)))
        off = y - curve
        arch = (1 - square).clamp_(min=0)
        opened = f["open"].clamp(max=1.3)
        up = 0.004 + 0.07 * opened + 0.055 * f["upper_lip"]
        low = 0.004 + 0.15 * opened + 0.02 * f["upper_lip"]
        lip = f["lip"] * (1 - 0.75 * f["press"].clamp(max=1))
        upper = (arch * (up + lip)).add_(off)
        lower = (arch * (low + lip * 1.2)).sub_(off)
        ends = (1 - u.abs()).mul_(half)
        lips = soft(torch.minimum(torch.minimum(upper, lower), ends), sharp)
        tints = (0.85,) if self.grey else (1.05, 0.75, 0.80)
        canvas.paint(lips, [v * f["lip_tone"] * tint for v, tint in zip(self.skin, tints)])
        above = (arch * up).add_(off)
        below = (arch * low).sub_(off)
        inside = soft(torch.minimum(torch.minimum(above, below), ends), sharp)
        canvas.paint(inside, self.toned(self.skin, 0.15))
        teeth = (0.05 + 0.02 * f["stretch"]) - above
        shown = (0.25 + 1.2 * f["open"] + f["upper_lip"] + f["stretch"] - 0.5).clamp(0, 1) * 0.85
        canvas.paint(soft(teeth, sharp).mul_(inside).mul_(shown), self.colour(none + 0.9, none))
        seam = stroke(u, off, none + 0.013, half)
        canvas.darken(soft(seam, sharp).mul_((0.55 - opened).clamp(min=0.0)))
        tight = stroke(u, y - (curve + 0.13), none + 0.02, half * 0.8)
        canvas.darken(soft(tight, sharp).mul_((0.25 * f["press"]).clamp(max=0.3)))

    def glasses(self) -> None:
        f, sharp = self.face, self.sharp
        worn = (f["glasses"] < GLASSES_SHARE).float()
        away = disc(self.ax - f["eye_x"], self.fy - f["eye_y"], f["glasses_size"])
        ring = 0.018 - away.abs_()
        inner = f["eye_x"] - f["glasses_size"]
        bridge = torch.minimum(0.016 - (self.fy - f["eye_y"]).abs_(), inner - self.ax)
        mask = soft(torch.maximum(ring, bridge), sharp).mul_(worn * 0.8)
        self.canvas.paint(mask, self.colour(f["hair"] * 0.4, f["hair_red"]))

    def light(self) -> None:
        f = self.face
        shade = self.column * f["light_x"] + self.row * f["light_y"]
        shade.sub_(self.radius2.clamp_(max=1).mul_(f["round"])).add_(1).clamp_(min=0.15)
        for channel in self.canvas.channels:
            channel.mul_(shade)

    def cover(self) -> None:
        f = self.face
        x, y = self.column - f["cover_x"], self.row - f["cover_y"]
        cos, sin = turn(f["cover_turn"])
        across, along = x * cos + y * sin, y * cos - x * sin
        box = torch.minimum(f["cover_w"] - across.abs_(), f["cover_h"] - along.abs_())
        there = (f["cover"].abs() > 0.7).float()
        hand = (f["cover"] > 0).float()
        tones = [
            hand * skin * 0.9 + (1 - hand) * other
            for skin, other in zip(self.skin, self.colour(f["cover_tone"], f["wall_red"]))
        ]
        self.canvas.paint(soft(box, self.sharp).mul_(there), tones)

    def finished(self) -> Tensor:
        f = self.face
        for channel in self.canvas.channels:
            channel.sub_(0.5).mul_(f["contrast"]).add_(0.5 + f["brightness"]).clamp_(0, 1)
            channel.add_((1 - channel).mul_(channel).mul_(f["gamma"]))
        return torch.stack(self.canvas.channels, 1)
