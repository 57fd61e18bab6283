"""The features of a face, which show its expression; each is painted for both sides at once."""

from __future__ import annotations

import torch

from nasfer.data.drawing.canvas import both, disc, line, soft, stroke
from nasfer.data.drawing.pose import NOSE_TURN, SMIRK, mouth_corner, nose_tip
from nasfer.data.drawing.view import View

GLASSES_SHARE = 0.20
DARK_SHARE = 0.15  # of the glasses


def paint_features(view: View) -> None:
    """Paint creases, eyes, brows, nose, mouth and glasses."""
    creases(view)
    eyes(view)
    brows(view)
    nose(view)
    mouth(view)
    glasses(view)


def creases(view: View) -> None:
    """Nasolabial folds, the frown between the brows, wrinkles across the bridge of the nose."""
    f, ax, y, sharp, darken = view.face, view.ax, view.fy, view.sharp, view.canvas.darken
    corner_x, corner_y = mouth_corner(f)
    fold = line(ax, y, (f["nose_size"] + 0.05, f["nose_y"], corner_x + 0.07, corner_y), 0.014)
    darken(soft(fold, sharp).mul_((0.06 + 0.4 * f["fold"]).clamp(max=0.6)))
    brow, apart = f["eye_y"] - f["brow_gap"], 0.055 - 0.015 * f["furrow"]
    furrow = line(ax, y, (apart, brow - 0.05, apart, brow + 0.12), 0.016)
    darken(soft(furrow, sharp).mul_((0.5 * f["furrow"]).clamp(max=0.6)))
    below = y - (f["eye_y"] + 0.10)
    wave = (below * 14).sub_(ax * 5)
    wave.sub_(wave.floor()).sub_(0.5).abs_().mul_(2)  # a triangle wave across the nose
    patch = soft(both(0.13 - ax, 0.12 - below.abs_()), sharp)
    darken(patch.mul_(wave).mul_((0.6 * f["wrinkle"]).clamp(max=0.7)))


def eyes(view: View) -> None:
    """White, iris, pupil, lashes, and the bag under a squint."""
    f, sharp, canvas = view.face, view.sharp, view.canvas
    size = f["eye_size"]
    dx, dy = view.ax - f["eye_x"], view.fy - f["eye_y"]
    u = dx * (1 / size)
    arch = 1 - u * u
    tilted = (u * f["eye_slant"]).add_(dy)
    upper = (0.42 + 0.30 * f["lid"] - 0.14 * f["squint"]).clamp(min=0.10) * size
    lower = (0.34 + 0.06 * f["lid"] - 0.24 * f["squint"]).clamp(min=0.07) * size
    top = (arch * upper).add_(tilted)
    bottom = arch.mul_(lower).sub_(tilted)
    opening = soft(torch.minimum(top, bottom), sharp)
    canvas.paint(opening, view.colour(0.5 + 0.45 * f["skin"]))
    iris = f["iris"] * size
    away = disc(dx, dy, iris)
    pupil = soft(away - iris * 0.55, sharp).mul_(opening)
    canvas.paint(soft(away, sharp).mul_(opening), view.colour(f["eye_tone"], f["warmth"]))
    canvas.paint(pupil, view.colour(f["eye_tone"] * 0.2))
    canvas.darken(soft(stroke(u, top, 0.018, size), sharp).mul_(0.65))
    bag = stroke(u, bottom.add_(0.035), 0.013, size)
    canvas.darken(soft(bag, sharp).mul_((0.1 + 0.4 * f["squint"]).clamp(max=0.5)))


def brows(view: View) -> None:
    """Two strokes, whose inner and outer ends rise and fall apart."""
    f, size = view.face, view.face["brow_size"]
    u = (view.ax - (f["eye_x"] + 0.01 - 0.02 * f["furrow"])).mul_(1 / size)
    inner, outer = f["brow_inner"] * 0.10, f["brow_outer"] * 0.085
    level = f["eye_y"] - f["brow_gap"] - (inner + outer) / 2
    off = (u * f["brow_arch"]).add_((inner - outer) / 2).mul_(u)
    off.add_(level - f["brow_arch"]).sub_(view.fy)
    brow = soft(stroke(u, off, f["brow_thick"], size), view.sharp).mul_(0.9)
    view.canvas.paint(brow, [value * 0.7 for value in view.hair])


def nose(view: View) -> None:
    """The ridge, on the side away from the light, and the nostrils under the tip."""
    f, sharp, canvas = view.face, view.sharp, view.canvas
    _, tip = nose_tip(f)
    x = view.fx - NOSE_TURN * f["yaw"]
    side, size = torch.where(f["light_x"] > 0, -1.0, 1.0), f["nose_size"]
    ridge = line(x, view.fy, (side * 0.05, f["eye_y"] + 0.02, side * size * 0.9, tip), 0.018)
    canvas.darken(soft(ridge, sharp).mul_(0.18 + 0.25 * f["light_x"].abs()))
    nostril = disc(x.abs_().sub_(size * 0.62), (view.fy - (tip + 0.02)).mul_(1.6), size * 0.36)
    canvas.darken(soft(nostril, sharp).mul_(0.6))


def mouth(view: View) -> None:
    """Lips, the dark inside, teeth, the seam of closed lips, the chin's crease under pressed ones.

    The middle of the mouth and its corners lie on a parabola; a smirk bends up one half of it.
    """
    f, sharp, canvas = view.face, view.sharp, view.canvas
    half, corner_y = mouth_corner(f)
    u = view.fx * (1 / half)
    square = u * u
    middle = f["mouth_y"] + 0.05 * f["corner"] - 0.03 * f["upper_lip"]
    curve = (square * (corner_y - middle)).add_(middle)
    smirk = (u * f["smirk_side"]).clamp_(min=0)
    curve.sub_(smirk.mul_(smirk).mul_(SMIRK * f["side"]))
    off = view.fy - curve
    arch = (1 - square).clamp_(min=0)
    ends = (1 - u.abs()).mul_(half)
    opened = f["open"].clamp(max=1.3)
    above = 0.004 + 0.07 * opened + 0.055 * f["upper_lip"]
    below = 0.004 + 0.15 * opened + 0.02 * f["upper_lip"]
    lip = f["lip"] * (1 - 0.75 * f["press"].clamp(max=1))
    lips = both((arch * (above + lip)).add_(off), (arch * (below + lip * 1.2)).sub_(off))
    tints = (0.85,) if view.grey else (1.05, 0.75, 0.80)
    red = [value * f["lip_tone"] * tint for value, tint in zip(view.skin, tints)]
    canvas.paint(soft(both(lips, ends), sharp), red)
    under = (arch * above).add_(off)
    inside = soft(both(arch.mul_(below).sub_(off), torch.minimum(under, ends)), sharp)
    canvas.paint(inside, [value * 0.15 for value in view.skin])
    teeth = soft((0.05 + 0.02 * f["stretch"]) - under, sharp)
    shown = (1.2 * f["open"] + f["upper_lip"] + f["stretch"] - 0.25).clamp(0, 1) * 0.85
    canvas.paint(teeth.mul_(inside).mul_(shown), view.colour(view.none + 0.9))
    seam = soft(stroke(u, off, 0.013, half), sharp)
    canvas.darken(seam.mul_((0.55 - opened).clamp(min=0)))
    crease = soft(stroke(u, view.fy - curve.add_(0.13), 0.02, half * 0.8), sharp)
    canvas.darken(crease.mul_((0.25 * f["press"]).clamp(max=0.3)))


def glasses(view: View) -> None:
    """Round frames and their bridge; some lenses are dark."""
    f, sharp, canvas = view.face, view.sharp, view.canvas
    worn = (f["glasses"] < GLASSES_SHARE).float()
    dy = view.fy - f["eye_y"]
    away = disc(view.ax - f["eye_x"], dy, f["glasses_size"])
    frame = view.colour(f["hair"] * 0.4, f["hair_red"])
    dark = worn * (f["dark_lens"] > 1 - DARK_SHARE).float()
    canvas.paint(soft(away.clone(), sharp).mul_(dark * 0.9), frame)
    bridge = both(0.016 - dy.abs_(), (f["eye_x"] - f["glasses_size"]) - view.ax)
    ring = torch.maximum(0.018 - away.abs_(), bridge)
    canvas.paint(soft(ring, sharp).mul_(worn * 0.8), frame)
