"""Five landmarks a face: read safely, flipped and rotated with the image.

Points are ``(x, y)`` in the coordinates of a 224-pixel image, in the order left eye, right eye,
nose, left mouth corner, right mouth corner, as seen in the image.
"""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tokenize import TokenError
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nasfer.data.listing import Item
from nasfer.errors import DataError
from nasfer.reading import check_file, open_text

LARGEST = 2**28
"""Bytes of a file."""

NO_ARRAY = (
    ValueError,
    OSError,
    EOFError,
    TypeError,
    SyntaxError,
    KeyError,
    OverflowError,
    MemoryError,
    RecursionError,
    BadZipFile,
    TokenError,
)
"""What numpy raises on damaged files."""

SIDE = 224
"""Side of the image that landmarks are coordinates of, in pixels."""

FLIPPED = (1, 0, 2, 4, 3)
"""Which landmark each one is after a flip: eyes and mouth corners swap."""

FILES = ("land_marks.npy", "index/land_marks.npy", "landmarks.csv")
"""Where a data set's folder may hold them."""

ADVICE = (
    "a file landmarks.csv in the data's folder gives them: a name and ten numbers a line, in"
    " 224-pixel coordinates"
)
"""For who wants a network to read landmarks that the data lacks."""

Points = dict[str, NDArray[np.float32]]


def flip_landmarks(landmarks: Tensor) -> Tensor:
    """Return the landmarks of images flipped left to right.

    Args:
        landmarks: ``(..., 5, 2)`` in 224-pixel coordinates, pixel centres at whole numbers.
    Example:
        >>> face = torch.tensor([[70., 90.], [150., 91.], [110., 130.], [80., 160.], [140., 161.]])
        >>> flip_landmarks(face)[:2]
        tensor([[ 73.,  91.],
                [153.,  90.]])
    """
    swapped = landmarks[..., list(FLIPPED), :]
    return torch.stack([SIDE - 1 - swapped[..., 0], swapped[..., 1]], dim=-1)


def rotate_landmarks(landmarks: Tensor, degrees: float) -> Tensor:
    """Return the landmarks of images rotated about their centre.

    Args:
        landmarks: ``(..., 5, 2)`` in 224-pixel coordinates, pixel centres at whole numbers.
        degrees: counter-clockwise as seen, as in Pillow and torchvision.
    Example:
        >>> corner = torch.zeros(5, 2)
        >>> rotate_landmarks(corner, 90)[0].round()  # top left goes to bottom left
        tensor([  0., 223.])
    """
    centre = (SIDE - 1) / 2
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    x, y = (landmarks - centre).unbind(-1)
    return torch.stack([x * cos + y * sin, y * cos - x * sin], dim=-1) + centre


def read_landmarks(path: Path) -> Points:
    """Return the landmarks of a file by image name, ``(5, 2)`` float32 each.

    A ``.npy`` file is a structured array (a text field, then 5 x 2 numbers) or an array of text
    with a name and ten numbers a row; a CSV has a name and ten numbers a line, with or without a
    header line.

    Raises:
        DataError: the file is damaged, holds pickled objects (they are never run), names an image
            twice, or a point is not a finite number.
    """
    rows = _rows_of_array(path) if path.suffix == ".npy" else _rows_of_csv(path)
    points: Points = {}
    for where, name, numbers in rows:
        if _key(name) in points:
            raise DataError(f"{where}: {name} is named twice; once is allowed")
        try:
            values = np.array(numbers, dtype=np.float32).reshape(5, 2)
        except (ValueError, TypeError, OverflowError):
            raise DataError(
                f"{where}: {name[:100]} has no 5 landmarks; a name and ten numbers are needed"
            ) from None
        if not np.isfinite(values).all():
            raise DataError(f"{where}: a landmark of {name} is no finite number")
        points[_key(name)] = values
    return points


def with_landmarks(items: Sequence[Item], root: Path) -> list[Item]:
    """Return the images with the landmarks that a file in ``root`` has for them, if there is one.

    Images are found by file name. One without landmarks has a fault: it stops the reading, or is
    left out, as a damaged image.

    Raises:
        DataError: the file cannot be read.
    """
    path = next((root / name for name in FILES if (root / name).is_file()), None)
    if path is None:
        return list(items)
    points = read_landmarks(path)
    found = []
    for item in items:
        landmarks = points.get(_key(item.name))
        fault = item.fault or ("" if landmarks is not None else f"no landmarks in {path}")
        found.append(replace(item, landmarks=landmarks, fault=fault))
    return found


def _key(name: str) -> str:
    """Name an image without folder and ending; RAF-DB's lists leave ``_aligned`` out."""
    return Path(name).stem.removesuffix("_aligned")


def _rows_of_array(path: Path) -> list[tuple[str, str, Sequence[float | str]]]:
    check_file(path, LARGEST, DataError)
    try:
        array = np.load(path, allow_pickle=False, mmap_mode="r")  # a header may promise any size
    except NO_ARRAY as error:
        if "pickle" in str(error) or "Object arrays" in str(error):
            raise DataError(
                f"{path}: holds pickled objects, which nasfer never runs; write landmarks.csv with"
                " a name and ten numbers a line instead"
            ) from None
        raise DataError(f"{path}: damaged or no array: {error}") from None
    where = str(path)
    if not isinstance(array, np.ndarray):
        raise DataError(f"{where}: an archive, no array; a name and ten numbers a row are needed")
    if array.dtype.names and len(array.dtype.names) == 2:
        name, points = array.dtype.names
        _check_letters(array[name], where)
        return [(where, str(row[name]), np.ravel(row[points]).tolist()) for row in array]
    if array.dtype.kind == "U" and array.ndim == 2:
        _check_letters(array, where)
        return [(where, str(row[0]), row[1:].tolist()) for row in array]
    raise DataError(
        f"{where}: {array.dtype} {array.shape}; a name and ten numbers a row are needed"
    )


def _check_letters(names: NDArray[Any], where: str) -> None:
    """Refuse text whose numbers are no letters: Python fails at such a text wherever it is used."""
    if names.dtype.kind == "U" and names.dtype.itemsize:
        letters = np.frombuffer(names.tobytes(), dtype=names.dtype.byteorder + "u4")
        if letters.size and int(letters.max()) > sys.maxunicode:
            raise DataError(f"{where}: damaged: a name holds a number that is no letter")


def _rows_of_csv(path: Path) -> list[tuple[str, str, Sequence[float | str]]]:
    rows: list[tuple[str, str, Sequence[float | str]]] = []
    try:
        with open_text(path, LARGEST, DataError) as file:
            for number, row in enumerate(csv.reader(file), start=1):
                if not row or (number == 1 and not _is_number(row[-1])):
                    continue  # an empty line, the header
                rows.append((f"{path}:{number}", row[0].strip(), row[1:]))
    except csv.Error as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    return rows


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def landmarks_of(points: Points, name: str) -> NDArray[np.float32] | None:
    """Return the landmarks that a file has for an image, ``(5, 2)``, or ``None``.

    Args:
        points: of `read_landmarks`.
        name: of the image; folder and ending do not count.
    """
    return points.get(_key(name))
