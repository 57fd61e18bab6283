"""What a data set is in memory: images by index, label distributions, landmarks, named classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from nasfer.errors import DataError

SPLITS = ("train", "val", "test")


class Images(Protocol):
    """Images by index; all of one size."""

    @property
    def resolution(self) -> int:
        """Side, in pixels."""

    @property
    def channels(self) -> int:
        """1 grey, 3 colour."""

    def __len__(self) -> int:
        """Number of images."""

    def read(self, indices: Tensor) -> Tensor:
        """Return ``(B, channels, resolution, resolution)`` uint8 images.

        Raises:
            DataError: an image is damaged; the message holds its path.
        """


@dataclass(frozen=True)
class MemoryImages:
    """Images decoded once, ``(N, C, H, W)`` uint8.

    Example:
        >>> images = MemoryImages(torch.zeros(4, 1, 48, 48, dtype=torch.uint8))
        >>> len(images), images.resolution, images.read(torch.tensor([2, 0])).shape
        (4, 48, torch.Size([2, 1, 48, 48]))
    """

    pixels: Tensor

    @property
    def resolution(self) -> int:
        """Side, in pixels."""
        return int(self.pixels.shape[-1])

    @property
    def channels(self) -> int:
        """1 grey, 3 colour."""
        return int(self.pixels.shape[1])

    def __len__(self) -> int:
        return len(self.pixels)

    def read(self, indices: Tensor) -> Tensor:
        """Return the images of these indices."""
        return self.pixels[indices]


@dataclass(frozen=True)
class Faces:
    """One split of a data set.

    Args:
        images: by index.
        targets: ``(N, K)`` float32; each row is a distribution over the classes (one-hot for hard
            labels, votes or equal shares for soft ones), in the order of ``class_names``.
        class_names: canonical names in canonical order (`nasfer.data.labels.EXPRESSIONS`).
        names: of the images, paths where they are files.
        landmarks: ``(N, 5, 2)`` float32 in 224-pixel coordinates (left eye, right eye, nose, left
            and right mouth corner, as seen in the image), or ``None``.
    Raises:
        DataError: the parts are not of one length, or the split is empty.
    """

    images: Images
    targets: Tensor
    class_names: tuple[str, ...]
    names: tuple[str, ...]
    landmarks: Tensor | None = None

    def __post_init__(self) -> None:
        if not len(self.images):
            raise DataError("empty split: no image is left in it")
        if tuple(self.targets.shape) != (len(self.images), len(self.class_names)):
            raise DataError(
                f"targets: {tuple(self.targets.shape)} is not images x classes,"
                f" ({len(self.images)}, {len(self.class_names)})"
            )

    def __len__(self) -> int:
        return len(self.images)

    @property
    def labels(self) -> Tensor:
        """``(N,)`` int64: the most likely class of each image."""
        return self.targets.argmax(1)

    def counts(self) -> dict[str, int]:
        """Images a class."""
        counted = torch.bincount(self.labels, minlength=len(self.class_names)).tolist()
        return dict(zip(self.class_names, counted))


@dataclass(frozen=True)
class FaceData:
    """A data set: its splits, and what was read.

    Args:
        name: of the data set, as in ``--data``.
        spec: the whole ``--data`` value, for records.
        class_names: canonical names in canonical order.
        splits: ``train``, ``val`` and ``test``; all three are there.
        notes: what a user should see once, and each result keeps: the convention that was read, the
            label mode, kept and dropped counts, skipped images.
        mean: of the pixels of the training images, one value a channel, range 0 to 1.
        std: of the pixels.
        bad_images: paths that were damaged and skipped.
    """

    name: str
    spec: str
    class_names: tuple[str, ...]
    splits: Mapping[str, Faces]
    notes: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    bad_images: tuple[str, ...] = ()
