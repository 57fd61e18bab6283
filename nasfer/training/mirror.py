"""The mirror image of a face: left is right."""

from __future__ import annotations

import torch
from torch import Tensor

LANDMARK_PX = 224
"""Side of the image in whose coordinates landmarks are given."""

MIRRORED = (1, 0, 2, 4, 3)
"""Place of the landmark that each becomes: eyes change places, mouth corners too."""


def mirror_images(images: Tensor) -> Tensor:
    """Mirror ``(N, C, H, W)`` images, left to right."""
    return images.flip(-1)


def mirror_landmarks(landmarks: Tensor) -> Tensor:
    """Mirror ``(N, 5, 2)`` landmarks in 224-pixel coordinates.

    The left eye of the result, as seen in the image, was the right one.

    Example:
        >>> face = torch.tensor([[[65, 80], [156, 73], [113, 130], [93, 157], [134, 152]]])
        >>> mirror_landmarks(face)[0].tolist()
        [[68, 73], [159, 80], [111, 130], [90, 152], [131, 157]]
    """
    swapped = landmarks[:, list(MIRRORED)]
    return torch.stack((LANDMARK_PX - swapped[..., 0], swapped[..., 1]), dim=-1)
