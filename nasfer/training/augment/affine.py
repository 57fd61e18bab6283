"""Random geometry of a batch: crop, rotation, scale, shift and flip in one resampling.

An image's geometry is one matrix from the result's coordinates to the source's, both from -1 to 1
over the side, as torch's ``affine_grid`` has them. Landmarks go the other way.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from nasfer.data.landmarks import FLIPPED, SIDE
from nasfer.training.randomness import uniform
from nasfer.training.recipe import Recipe

PAD = 8
"""Crop ``pad`` moves the window by up to this part of the side, ``eased`` at its end."""

RATIO = 4 / 3
"""Largest ratio of the sides of a ``random_resized`` window, either way."""


def moves(recipe: Recipe) -> bool:
    """Tell whether the recipe changes geometry at all."""
    return bool(
        recipe.crop != "none"
        or recipe.flip
        or recipe.affine_p * (recipe.rotation or recipe.scale or recipe.translate)
    )


def draw_geometry(
    recipe: Recipe,
    count: int,
    resolution: int,
    generator: torch.Generator,
    shift: float = 1 / PAD,
) -> tuple[Tensor, Tensor]:
    """Draw one geometry an image: crop, then rotation, scale and shift, then flip.

    Differences from torchvision's transforms: a ``random_resized`` window that is longer than the
    image is cut to it, where torchvision draws again.

    Args:
        resolution: side of the result, in pixels; ``pad`` moves by whole pixels of it.
        shift: the largest of crops ``pad`` and ``eased``, as a share of the side.
    Returns:
        ``(B, 3, 3)`` matrices from result to source, and ``(B,)`` whether the image is mirrored;
        both on the CPU, where so little is done faster.
    """

    def draw(low: float, high: float) -> Tensor:
        return uniform(generator, count, low, high)

    matrix = torch.eye(3).repeat(count, 1, 1)
    if recipe.crop in ("pad", "eased"):
        most = round(resolution * shift)
        matrix[:, 0, 2] = 2 * draw(-most, most + 1).floor() / resolution
        matrix[:, 1, 2] = 2 * draw(-most, most + 1).floor() / resolution
    elif recipe.crop == "random_resized":
        area = draw(recipe.crop_scale, 1)
        root = (draw(-math.log(RATIO), math.log(RATIO)) / 2).exp()
        width, height = (area.sqrt() * root).clamp(max=1), (area.sqrt() / root).clamp(max=1)
        matrix[:, 0, 0], matrix[:, 1, 1] = width, height
        matrix[:, 0, 2], matrix[:, 1, 2] = (1 - width) * draw(-1, 1), (1 - height) * draw(-1, 1)

    if recipe.affine_p and (recipe.rotation or recipe.scale or recipe.translate):
        angle = torch.deg2rad(draw(-recipe.rotation, recipe.rotation))
        size = draw(1 - recipe.scale, 1 + recipe.scale)
        x, y = (2 * draw(-recipe.translate, recipe.translate) for _ in range(2))
        cos, sin, zero, one = angle.cos(), angle.sin(), torch.zeros_like(x), torch.ones_like(x)
        rows = (size * cos, -size * sin, x, size * sin, size * cos, y, zero, zero, one)
        forward = torch.stack(rows, 1).reshape(-1, 3, 3)  # from the source to the result
        chosen = (draw(0, 1) < recipe.affine_p)[:, None, None]
        inverse = torch.where(chosen, torch.linalg.inv(forward), torch.eye(3))
        matrix = matrix @ inverse

    mirrored = draw(0, 1) < recipe.flip if recipe.flip else torch.zeros_like(matrix[:, 0, 0]) > 0
    signs = torch.where(mirrored, -1.0, 1.0)
    matrix[:, :, 0] = matrix[:, :, 0] * signs[:, None]
    return matrix, mirrored


def warp(images: Tensor, matrix: Tensor, resolution: int) -> Tensor:
    """Resample each image by its matrix, bilinear, black where the result lies outside the source.

    Args:
        images: ``(B, C, H, H)`` float.
        matrix: ``(B, 3, 3)``, from result to source, on any device.
    Returns:
        ``(B, C, resolution, resolution)``.
    """
    shape = [len(images), images.shape[1], resolution, resolution]
    grid = functional.affine_grid(matrix[:, :2].to(images.device), shape, align_corners=False)
    sampled = functional.grid_sample(images, grid, padding_mode="border", align_corners=False)
    inside = (grid.abs() <= 1).all(-1)
    return sampled * inside[:, None]


def move_landmarks(landmarks: Tensor, matrix: Tensor, mirrored: Tensor) -> Tensor:
    """Move landmarks as `warp` moves the pixels; mirrored ones change their names too.

    Args:
        landmarks: ``(B, 5, 2)`` x and y, in coordinates of a 224-pixel image, pixel centres at
            whole numbers.
    Returns:
        ``(B, 5, 2)``; they may lie outside the image.
    Example:
        >>> eyes = torch.tensor([[[60.0, 80], [164, 80], [112, 112], [80, 160], [144, 160]]])
        >>> mirror = torch.diag(torch.tensor([-1.0, 1, 1]))[None]
        >>> move_landmarks(eyes, mirror, torch.tensor([True]))[0, :2].tolist()
        [[59.0, 80.0], [163.0, 80.0]]
    """
    half = SIDE / 2
    forward = torch.linalg.inv(matrix).to(landmarks.device)
    points = functional.pad((landmarks.float() + 0.5) / half - 1, (0, 1), value=1.0)
    moved = (points @ forward.mT)[..., :2]
    swapped = mirrored.to(landmarks.device)[:, None, None]
    moved = torch.where(swapped, moved[:, FLIPPED], moved)
    return (moved + 1) * half - 0.5
