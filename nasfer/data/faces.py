"""What a data set is in memory: images by index, label distributions, landmarks, named classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.utils.data import Dataset

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
class SomeImages:
    """Some of other images, read from those.

    Args:
        images: all of them.
        places: ``(N,)`` int64, which of them, in order.
    """

    images: Images
    places: Tensor

    @property
    def resolution(self) -> int:
        """Side, in pixels."""
        return self.images.resolution

    @property
    def channels(self) -> int:
        """1 grey, 3 colour."""
        return self.images.channels

    def __len__(self) -> int:
        return len(self.places)

    def read(self, indices: Tensor) -> Tensor:
        """Return the images of these indices."""
        return self.images.read(self.places[indices])


@dataclass(frozen=True)
class Faces(Dataset[tuple[Tensor, Tensor]]):
    """One split of a data set; a torch ``Dataset`` of images and label distributions.

    ``faces[index]`` is one ``(C, H, W)`` uint8 image and its ``(K,)`` float32 distribution, so that
    a ``torch.utils.data.DataLoader`` gives ``(B, C, H, W)`` and ``(B, K)``. `dataset` adds a
    transform, and landmarks.

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
    Example:
        >>> from torch.utils.data import DataLoader
        >>> from nasfer.data import load_data
        >>> faces = load_data("drawn,train=70,val=7,test=7").splits["train"]
        >>> images, targets = next(iter(DataLoader(faces, batch_size=32)))
        >>> images.shape, images.dtype, targets.shape
        (torch.Size([32, 1, 48, 48]), torch.uint8, torch.Size([32, 7]))
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

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        (pair,) = self.__getitems__([index])
        return pair

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[Tensor, Tensor]]:
        """Return several images and distributions, read at once: what a ``DataLoader`` asks for."""
        chosen = self._chosen(indices)
        return list(zip(self.images.read(chosen), self.targets[chosen]))

    def dataset(
        self, transform: Callable[[Tensor], Any] | None = None, *, landmarks: bool = False
    ) -> FaceDataset:
        """Return this split as a ``Dataset`` whose images are transformed as they are read.

        Args:
            transform: called on each ``(C, H, W)`` uint8 image, such as one of torchvision's v2; it
                must not move the face where landmarks are asked for.
            landmarks: whether each ``(5, 2)`` landmarks come third.
        Raises:
            DataError: landmarks are asked for, and there are none.
        """
        if landmarks and self.landmarks is None:
            raise DataError("`landmarks`: this split has none")
        return FaceDataset(self, transform, landmarks)

    def _chosen(self, indices: Sequence[int]) -> Tensor:
        """Indices from the start; negative ones count from the end."""
        count = len(self)
        for index in indices:
            if not -count <= index < count:
                raise IndexError(f"faces: {index} is not from 0 to {count - 1}")
        return torch.tensor([index % count for index in indices], dtype=torch.long)

    def part(self, places: Tensor) -> Faces:
        """Return some faces of this split, ``(N,)`` int64 places, in their order."""
        return Faces(
            SomeImages(self.images, places),
            self.targets[places],
            self.class_names,
            tuple(self.names[place] for place in places.tolist()),
            None if self.landmarks is None else self.landmarks[places],
        )

    @property
    def labels(self) -> Tensor:
        """``(N,)`` int64: the most likely class of each image."""
        return self.targets.argmax(1)

    def counts(self) -> dict[str, int]:
        """Images a class."""
        counted = torch.bincount(self.labels, minlength=len(self.class_names)).tolist()
        return dict(zip(self.class_names, counted))


@dataclass(frozen=True)
class FaceDataset(Dataset[tuple[Any, ...]]):
    """A split whose images pass through a function; see `Faces.dataset`.

    Args:
        faces: the split.
        transform: of each image, or ``None``.
        landmarks: whether the landmarks come third.
    """

    faces: Faces
    transform: Callable[[Tensor], Any] | None = None
    landmarks: bool = False

    def __len__(self) -> int:
        return len(self.faces)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        (sample,) = self.__getitems__([index])
        return sample

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[Any, ...]]:
        """Return several samples, read at once: what a ``DataLoader`` asks for."""
        samples: list[tuple[Any, ...]] = []
        for index, (image, target) in zip(indices, self.faces.__getitems__(indices)):
            seen = image if self.transform is None else self.transform(image)
            points = self.faces.landmarks
            mark = (points[index],) if self.landmarks and points is not None else ()
            samples.append((seen, target, *mark))
        return samples


@dataclass(frozen=True)
class FaceData:
    """A data set: its splits, and what was read.

    Args:
        name: of the data set, as in `load_data`.
        spec: the whole text that was read, for records.
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
