"""Faces that nasfer draws itself: a data set without files, for tests and for a first run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor
from torch.nn import functional

from nasfer.data.drawing import ACTIONS, EXPRESSION_ACTIONS, faces_of, landmarks_of, render
from nasfer.data.drawing.numbers import dealt, uniforms
from nasfer.data.faces import FaceData, Faces
from nasfer.data.labels import EXPRESSIONS
from nasfer.data.registry import Request, register_data
from nasfer.errors import DataError

_PIXELS_AT_ONCE = 32_768  # of one channel: what stays in a core's cache
_SPARE = 65_536  # places where a picture's noise may begin on the strip
_MOST = 10_000_000  # pictures of a split
_Number = TypeVar("_Number", int, float)
_MEASURED = 512  # faces that mean and deviation of the pixels are taken from


class DrawnImages:
    """Pictures drawn when they are read; each depends on seed, split and index alone.

    Args:
        split: other splits are other people.
        count: number of pictures.
        classes: 7, or 8 with contempt.
        resolution: side, in pixels.
        channels: 1 grey, 3 colour.
        seed: of all of them.
        nuisance: 1; 0 leaves out pose, light, occlusion, background, blur and noise.
    Example:
        >>> images = DrawnImages("train", 100, resolution=48)
        >>> a, b = images.read(torch.tensor([3, 9])), images.read(torch.tensor([9]))
        >>> a.shape, bool((a[1] == b[0]).all())
        (torch.Size([2, 1, 48, 48]), True)
    """

    def __init__(
        self,
        split: str,
        count: int,
        *,
        classes: int = 7,
        resolution: int = 48,
        channels: int = 1,
        seed: int = 0,
        nuisance: float = 1.0,
    ) -> None:
        self.split, self.count, self.classes, self.seed = split, count, classes, seed
        self.resolution, self.channels, self.nuisance = resolution, channels, nuisance
        rows = [EXPRESSION_ACTIONS[name] for name in EXPRESSIONS[:classes]]
        self._actions = torch.tensor([[row.get(name, 0.0) for name in ACTIONS] for row in rows])

    def __len__(self) -> int:
        return self.count

    def labels(self, indices: Tensor) -> Tensor:
        """Return ``(B,)`` int64 classes, in the order of `nasfer.data.EXPRESSIONS`."""
        return dealt(self.seed, self.split, indices, self.classes)

    def _faces(self, indices: Tensor) -> dict[str, Tensor]:
        actions = self._actions[self.labels(indices)]
        return faces_of(self.seed, self.split, indices, actions, self.nuisance)

    def landmarks(self, indices: Tensor) -> Tensor:
        """Return ``(B, 5, 2)`` float32 in 224-pixel coordinates, as in `nasfer.data.Faces`."""
        return landmarks_of(self._faces(indices))

    def read(self, indices: Tensor) -> Tensor:
        """Draw the pictures of these indices, ``(B, channels, resolution, resolution)`` uint8.

        Raises:
            IndexError: an index is not from 0 to ``len(self) - 1``.
        """
        if len(indices) and not 0 <= int(indices.min()) <= int(indices.max()) < self.count:
            raise IndexError(f"drawn faces: an index is not from 0 to {self.count - 1}")
        face = self._faces(indices)
        start = uniforms(self.seed, self.split, indices, ["grain"])[:, 0]
        step = max(1, _PIXELS_AT_ONCE // self.resolution**2)
        shape = (len(indices), self.channels, self.resolution, self.resolution)
        pixels = torch.empty(shape, dtype=torch.uint8)
        for first in range(0, len(indices), step):
            part = slice(first, first + step)
            drawn = render(
                {name: value[part] for name, value in face.items()}, self.resolution, self.channels
            )
            noise = self._grain(start[part]).mul_(face["noise"][part, None, None, None])
            pixels[part] = drawn.add_(noise).mul_(255).add_(0.5).clamp_(0, 255).byte()
        return pixels

    def _grain(self, start: Tensor) -> Tensor:
        """Cut each picture's noise, ``(B, C, R, R)`` of deviation 1, out of one long strip."""
        length = self.channels * self.resolution**2
        first = (start * _SPARE).long()
        strips = _strip(length + _SPARE).unfold(0, length, 1)[first]
        return strips.view(-1, self.channels, self.resolution, self.resolution)


@lru_cache(maxsize=4)
def _strip(length: int) -> Tensor:
    """Noise of deviation 1, nearly normal, ``(length,)``: the same for all data sets."""
    parts = uniforms(0, "grain", torch.arange(length), ["a", "b", "c", "d"])
    return ((parts.sum(1) - 2) * 3**0.5).float()


def drawn_data(
    *,
    classes: int = 7,
    resolution: int = 48,
    channels: int = 1,
    train: int = 4000,
    val: int = 800,
    test: int = 800,
    seed: int = 0,
    nuisance: float = 1.0,
) -> FaceData:
    """Return a data set of drawn faces, with landmarks and hard labels.

    The classes of each split are balanced and shuffled; a longer split begins with the shorter one.

    Args:
        classes: 7, or 8 with contempt.
        resolution: side of the pictures, 48 to 224 pixels.
        channels: 1 grey, 3 colour.
        train: number of pictures.
        val: number of pictures.
        test: number of pictures.
        seed: other seeds are other faces.
        nuisance: 1; less draws poses, light and noise closer to their middle, and faces that are
            learnt sooner; 0 leaves them out.
    Returns:
        Splits whose images are `DrawnImages`; mean and deviation are those of the first 512
        training faces at 48 pixels.
    Raises:
        DataError: an argument is out of its range.
    Cost: pictures are drawn when they are read, every time: at 48 pixels, grey, some 4,000 a second
        on one core (``benchmarks/drawn_faces.py``).
    Example:
        >>> data = drawn_data(train=70, val=7, test=7)
        >>> data.splits["train"].counts()["anger"], data.splits["val"].landmarks.shape
        (10, torch.Size([7, 5, 2]))
    """
    sizes = {"train": train, "val": val, "test": test}
    _check(classes, resolution, channels, sizes, seed, nuisance)
    names = EXPRESSIONS[:classes]
    splits = {}
    for split, count in sizes.items():
        images = DrawnImages(
            split, count, classes=classes, resolution=resolution, channels=channels, seed=seed,
            nuisance=nuisance,
        )  # fmt: skip
        every = torch.arange(count)
        targets = functional.one_hot(images.labels(every), classes).float()
        titles = tuple(f"drawn/{seed}/{split}/{index}" for index in range(count))
        splits[split] = Faces(images, targets, names, titles, images.landmarks(every))
    mean, std = _statistics(classes, channels, seed, nuisance)
    spec = f"drawn,classes={classes},train={train},val={val},test={test},seed={seed}"
    note = f"drawn faces, seed {seed}: {train} train, {val} val, {test} test"
    if nuisance != 1:
        spec, note = f"{spec},nuisance={nuisance:g}", f"{note}; nuisance {nuisance:g}"
    notes = (note,)
    return FaceData("drawn", spec, names, splits, notes, mean, std)


def _check(
    classes: int, resolution: int, channels: int, sizes: dict[str, int], seed: int, nuisance: float
) -> None:
    if not 0 <= nuisance <= 1:
        raise DataError(f"drawn: nuisance={nuisance}; 0 to 1 is allowed")
    if classes not in (7, 8):
        raise DataError(f"drawn: classes={classes}; 7 and 8 are allowed")
    if not 48 <= resolution <= 224:
        raise DataError(f"drawn: resolution {resolution}; 48 to 224 pixels are allowed")
    if channels not in (1, 3):
        raise DataError(f"drawn: channels {channels}; 1 and 3 are allowed")
    if not 0 <= seed < 2**63:
        raise DataError(f"drawn: seed={seed}; 0 to 2^63 - 1 is allowed")
    for split, count in sizes.items():
        if not classes <= count <= _MOST:
            raise DataError(f"drawn: {split}={count}; {classes} to {_MOST} pictures are allowed")


@lru_cache(maxsize=64)
def _statistics(
    classes: int, channels: int, seed: int, nuisance: float
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation of the pixels, of the first training faces at 48 pixels."""
    images = DrawnImages(
        "train", _MEASURED, classes=classes, channels=channels, seed=seed, nuisance=nuisance
    )
    pixels = images.read(torch.arange(_MEASURED)).double() / 255
    mean, std = pixels.mean((0, 2, 3)), pixels.std((0, 2, 3))
    return tuple(mean.tolist()), tuple(std.tolist())


@register_data(
    "drawn",
    options={"classes": ("7", "8"), "train": (), "val": (), "test": (), "seed": (), "nuisance": ()},
    needs_path=False,
)
def read_drawn(path: Path | None, options: Mapping[str, str], request: Request) -> FaceData:
    """Faces that nasfer draws itself, 7 or 8 classes, 48 to 224 px; needs no files."""
    if path is not None:
        raise DataError(f"`data`: drawn:{path}; drawn faces have no path, drawn,name=value")
    whole = {k: _number(k, text, int) for k, text in options.items() if k != "nuisance"}
    return drawn_data(
        **{"seed": request.seed, **whole},
        nuisance=_number("nuisance", options.get("nuisance", "1"), float),
        resolution=48 if request.resolution is None else request.resolution,
        channels=1 if request.channels is None else request.channels,
    )


def _number(name: str, text: str, kind: type[_Number]) -> _Number:
    try:
        return kind(text)
    except ValueError:
        words = "whole number" if kind is int else "number"
        raise DataError(f"`data`: drawn: {name}={text} is no {words}") from None
