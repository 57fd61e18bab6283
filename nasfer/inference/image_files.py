"""Image files from a user: a network's probabilities of each, and what is wrong with some."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from nasfer.data import Faces, MemoryImages, canonical
from nasfer.data.decoding import FORMATS, SUFFIXES, decode, no_bombs
from nasfer.data.landmarks import Points, landmarks_of
from nasfer.data.listing import Item
from nasfer.errors import DataError
from nasfer.inference.probabilities import Reader, probabilities
from nasfer.models import CheckpointInfo

BATCH = 32
"""Images a forward pass; so many are in memory at once."""


def image_files(given: Sequence[str | Path]) -> list[Path]:
    """Return the files, with the image files of folders in the folders' places, ordered by name.

    Raises:
        DataError: a folder holds no image.
    """
    files: list[Path] = []
    for path in map(Path, given):
        inside = [path]
        if os.path.isdir(path):
            inside = _images_in(path)
        if not inside:
            raise DataError(f"{path}: no image in this folder; {', '.join(sorted(SUFFIXES))}")
        files += inside
    return files


def _images_in(folder: Path) -> list[Path]:
    try:
        return sorted(file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES)
    except OSError as error:
        raise DataError(f"{folder}: cannot be read: {error.strerror}") from None


def file_probabilities(
    model: Reader,
    info: CheckpointInfo,
    files: Sequence[Path],
    *,
    points: Points | None = None,
    flip: bool = False,
    device: str | None = None,
) -> Iterator[tuple[Path, Tensor | DataError]]:
    """Yield for each file the class probabilities, or why there are none.

    Args:
        model: the network.
        info: its class names, resolution and normalisation; all classes are named.
        files: of one face each.
        points: landmarks by image, for networks that read them.
        flip: average with the mirror images' probabilities.
        device: where to compute; ``None`` is where the model is.
    Returns:
        In the order of the files: ``(K,)`` float32 in canonical order of the classes, or the error.
    """
    order = canonical(info.class_names)
    for start in range(0, len(files), BATCH):
        some = files[start : start + BATCH]
        read = [_read(path, info.resolution, model.arch.in_channels, points) for path in some]
        good = [(path, *one) for path, one in zip(some, read) if not isinstance(one, DataError)]
        rows = iter(())
        if good:
            names, pixels, marks = zip(*good)
            faces = Faces(
                MemoryImages(torch.stack(pixels)),
                torch.zeros(len(names), len(order)),  # nobody knows
                order,
                tuple(map(str, names)),
                None if points is None else torch.stack(marks),
            )
            rows = iter(probabilities(model, faces, info, batch=BATCH, flip=flip, device=device))
        for path, one in zip(some, read):
            yield path, one if isinstance(one, DataError) else next(rows)


def _read(
    path: Path, side: int, channels: int, points: Points | None
) -> tuple[Tensor, Tensor | None] | DataError:
    try:
        with no_bombs():
            face = torch.from_numpy(decode(Item(str(path), (), path), side, channels).copy())
    except DataError as error:
        if os.path.isfile(path) and path.suffix.lower() not in SUFFIXES:
            return DataError(f"{path}: no image of a format that is read: {', '.join(FORMATS)}")
        return error
    if points is None:
        return face, None
    mark = landmarks_of(points, str(path))
    if mark is None:
        return DataError(f"{path}: no landmarks of it in the file of `landmarks`")
    return face, torch.from_numpy(mark)
