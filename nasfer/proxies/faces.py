"""A user's faces, for proxies that look at them: drawn from the training split, prepared once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from nasfer.data import FaceData, Faces, load_data
from nasfer.proxies._base import Settings


@dataclass(frozen=True)
class FaceSample:
    """Faces that a network can read.

    Args:
        faces: the training split that they are of.
        chosen: ``(n,)`` their places in it.
        mean: of the pixels, one value a channel.
        std: likewise.
        device: where `images` and `labels` come to lie.
    """

    faces: Faces
    chosen: Tensor
    mean: Tensor
    std: Tensor
    device: str

    def images(self, part: slice = slice(None)) -> Tensor:
        """Return ``(n, C, R, R)`` float32 images, normalised."""
        pixels = self.faces.images.read(self.chosen[part]).float() / 255
        return ((pixels - self.mean[:, None, None]) / self.std[:, None, None]).to(self.device)

    def labels(self, part: slice = slice(None)) -> Tensor:
        """Return ``(n,)`` int64 classes, the likeliest of each face."""
        return self.faces.labels[self.chosen[part]].to(self.device)

    @property
    def classes(self) -> int:
        """Number of classes of the data set."""
        return len(self.faces.class_names)

    def __len__(self) -> int:
        return len(self.chosen)


def draw_faces(
    settings: Settings, channels: int, generator: torch.Generator, count: int, *, balanced: bool
) -> FaceSample:
    """Draw faces of the training split, without putting back; fewer where it has fewer.

    Args:
        settings: whose ``data`` and ``resolution`` are read.
        channels: 1 grey, 3 colour.
        generator: of the draw.
        count: faces at most.
        balanced: as many of each class as there are, before any class has more than its share.
    Raises:
        DataError: the data cannot be read.
        UnknownNameError: no such data set.
    """
    data = _read(settings.data, settings.resolution, channels)
    faces = data.splits["train"]
    order = torch.randperm(len(faces), generator=generator)
    if balanced:
        order = order[_turn(faces.labels[order]).argsort(stable=True)]
    mean = torch.tensor(data.mean or (0.0,) * channels)
    std = torch.tensor(data.std or (1.0,) * channels)
    return FaceSample(faces, order[:count], mean, std, settings.device)


@lru_cache(maxsize=2)  # grey and coloured networks may take turns
def _read(data: str, resolution: int, channels: int) -> FaceData:
    return load_data(data, resolution=resolution, channels=channels)


def _turn(labels: Tensor) -> Tensor:
    """How many faces of its own class come before each.

    Example:
        >>> _turn(torch.tensor([1, 1, 0, 1])).tolist()
        [0, 1, 0, 2]
    """
    turns = torch.zeros_like(labels)
    for label in labels.unique():
        own = labels == label
        turns[own] = torch.arange(int(own.sum()))
    return turns
