"""From stored pixels to what a network reads in training: random geometry and colour of a batch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nasfer.errors import SpecError
from nasfer.inference.prepare import normalise, resize, to_channels
from nasfer.training.augment import colour
from nasfer.training.augment.affine import PAD, draw_geometry, move_landmarks, moves, warp
from nasfer.training.recipe import Recipe


class Augment:
    """A recipe's augmentation, of whole batches on their own device.

    In order: crop, rotation, scale, shift and flip as one resampling; AutoAugment or RandAugment;
    colour jitter; grey; normalisation; erasing. Each image has its own draw, all from the given
    generator. Without any of them the result is that of `nasfer.inference.prepare.prepare`.

    Args:
        recipe: what is done.
        resolution: side of the result, in pixels.
        channels: of the result, 1 or 3.
        mean: of the normalisation, one value a channel of the result, for images of range 0 to 1.
        std: of the normalisation.
    Example:
        >>> augment = Augment(Recipe(flip=0.5), resolution=48, channels=3, mean=(), std=())
        >>> images = torch.zeros(2, 1, 64, 64, dtype=torch.uint8)
        >>> augment(images, None, torch.Generator().manual_seed(0))[0].shape
        torch.Size([2, 3, 48, 48])
    """

    def __init__(
        self,
        recipe: Recipe,
        *,
        resolution: int,
        channels: int,
        mean: Sequence[float],
        std: Sequence[float],
    ) -> None:
        self._recipe = recipe
        self._resolution = resolution
        self._channels = channels
        self._mean, self._std = tuple(mean), tuple(std)

    def __call__(
        self,
        images: Tensor,
        landmarks: Tensor | None,
        generator: torch.Generator,
        shift: float = 1 / PAD,
    ) -> tuple[Tensor, Tensor | None]:
        """Augment a batch; to be called outside autocast, which would round coordinates.

        Args:
            images: ``(B, C, H, H)`` uint8.
            landmarks: ``(B, 5, 2)`` float, in coordinates of a 224-pixel image; or ``None``.
            generator: on the CPU, whatever the images' device.
            shift: largest shift by a crop ``pad`` or ``eased``, as a share of the side.
        Returns:
            ``(B, channels, resolution, resolution)`` float32, and landmarks in the same
            coordinates as before, moved with the pixels.
        Raises:
            SpecError: there are landmarks, and the recipe does what they cannot follow.
        """
        recipe = self._recipe
        if landmarks is not None:
            _check_landmarks(recipe)
        scaled = images.float() / 255
        if self._channels == 1:
            scaled = to_channels(scaled, 1)
        if moves(recipe):
            matrix, mirrored = draw_geometry(
                recipe, len(images), self._resolution, generator, shift
            )
            scaled = warp(self._shrink(scaled), matrix, self._resolution)
            if landmarks is not None:
                landmarks = move_landmarks(landmarks, matrix, mirrored)
        else:
            scaled = resize(scaled, self._resolution)
        scaled = to_channels(scaled, self._channels)
        if recipe.auto_augment != "none":
            scaled = colour.by_policy(scaled, recipe.auto_augment, generator)
        if recipe.color_jitter:
            scaled = colour.jitter(scaled, recipe.color_jitter, generator)
        if recipe.grayscale:
            scaled = colour.grey_out(scaled, recipe.grayscale, generator)
        scaled = normalise(scaled, self._mean, self._std)
        if recipe.random_erasing:
            scaled = colour.erase(scaled, recipe.random_erasing, generator)
        return scaled, landmarks

    def _shrink(self, images: Tensor) -> Tensor:
        """Make larger images smaller with antialiasing, which the resampling has not.

        A random window keeps twice the pixels, since it is enlarged.
        """
        side = self._resolution * (2 if self._recipe.crop == "random_resized" else 1)
        return resize(images, side) if images.shape[-1] > side else images


def _check_landmarks(recipe: Recipe) -> None:
    for option in ("auto_augment", "mixup", "cutmix"):
        value = getattr(recipe, option)
        if value not in ("none", 0):
            raise SpecError(
                f"{option}: {value}: landmarks cannot follow; networks that read them allow"
                f" {'none' if option == 'auto_augment' else 0}"
            )
