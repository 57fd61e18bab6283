"""FER2013: Kaggle's tables of pixels, and class folders.

Source: Goodfellow et al., ICML 2013 workshop, arXiv:1307.0414; 28,709 / 3,589 / 3,589 images.
"""

from __future__ import annotations

import csv
import math
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nasfer.data.assembling import register_files
from nasfer.data.labels import canonical
from nasfer.data.listing import Item, Listing, one_hot
from nasfer.data.sets.class_folders import list_class_folders
from nasfer.data.sets.conventions import FER2013_ORDER, read_classes
from nasfer.data.sets.renaming import RENAME, refuse_renaming
from nasfer.errors import DataError
from nasfer.reading import open_text

LARGEST = 2**31
"""Bytes of a table of pixels."""

TABLES = ("fer2013.csv", "icml_face_data.csv")
"""File names of the tables, with columns emotion, pixels and Usage."""

USAGE = {"training": "train", "publictest": "val", "privatetest": "test"}
"""Which split a value of the column ``Usage`` is, in lower case."""

CLASSES = canonical(FER2013_ORDER)


@register_files(
    "fer2013",
    options=RENAME,
    layouts=(
        "fer2013.csv or icml_face_data.csv (emotion, pixels, Usage)",
        "train|val|test/CLASS/*.jpg, classes by name or 0 to 6",
    ),
)
def list_fer2013(path: Path, options: Mapping[str, str]) -> Listing:
    """FER2013, grey 48 x 48, 7 classes."""
    tables = (path, *(path / name for name in TABLES))
    if table := next((one for one in tables if one.is_file()), None):
        refuse_renaming(table, options)
        return _list_table(table)
    order = read_classes(path) or FER2013_ORDER
    return list_class_folders("fer2013", path, options, order=order, classes=CLASSES)


def _list_table(path: Path) -> Listing:
    splits: dict[str, list[Item]] = {"train": [], "val": [], "test": []}
    try:
        with open_text(path, LARGEST, DataError) as file, warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)  # text that is no number
            rows = csv.reader(file)
            columns = _columns(path, next(rows, []))
            for row in rows:
                if row:
                    split, item = _read_row(path, rows.line_num, row, columns)
                    splits[split].append(item)
    except csv.Error as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    return Listing("fer2013", path, CLASSES, splits)


def _columns(path: Path, header: list[str]) -> tuple[int, int, int]:
    names = [name.strip().lower() for name in header]
    wanted = ("emotion", "pixels", "usage")
    if not set(wanted) <= set(names):
        shown = ", ".join(header)[:80]
        raise DataError(f"{path}:1: columns {shown!r}; emotion, pixels and Usage are needed")
    emotion, pixels, usage = (names.index(name) for name in wanted)
    return emotion, pixels, usage


def _read_row(
    path: Path, number: int, row: list[str], columns: tuple[int, int, int]
) -> tuple[str, Item]:
    where = f"{path}:{number}"
    if len(row) <= max(columns):
        raise DataError(f"{where}: {len(row)} columns; emotion, pixels and Usage are needed")
    emotion, text, usage = (row[column].strip() for column in columns)
    if emotion not in "0123456" or len(emotion) != 1:
        raise DataError(f"{where}: emotion {emotion!r}; 0 to {len(FER2013_ORDER) - 1} are allowed")
    split = USAGE.get(usage.lower())
    if split is None:
        raise DataError(
            f"{where}: Usage {usage!r}; Training, PublicTest and PrivateTest are allowed"
        )
    label = CLASSES.index(FER2013_ORDER[int(emotion)])
    target = one_hot(label, len(CLASSES))
    return split, Item(f"{path.name}:{number}", target, pixels=_read_pixels(where, text))


def _read_pixels(where: str, text: str) -> NDArray[np.uint8]:
    try:
        values = np.fromstring(text, dtype=np.int64, sep=" ")
    except (DeprecationWarning, ValueError, OverflowError):
        raise DataError(f"{where}: pixels are not all whole numbers") from None
    side = math.isqrt(len(values))
    if not side or side * side != len(values):
        raise DataError(f"{where}: {len(values)} pixels are no square, such as 48 x 48")
    if values.min() < 0 or values.max() > 255:
        raise DataError(f"{where}: a pixel is not from 0 to 255")
    return values.astype(np.uint8).reshape(side, side)
