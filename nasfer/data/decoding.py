"""One image file to pixels: Pillow decodes, and whatever is wrong is one line with the path."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from nasfer.data.listing import Item
from nasfer.errors import DataError
from nasfer.reading import check_file

LARGEST = 2**28
"""Bytes of an image's file."""

FORMATS = ("BMP", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
"""What may be opened; other formats of Pillow start programs or hold films."""

SUFFIXES = frozenset(
    {".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
)  # fmt: skip
"""Names of files that are taken for images, in lower case."""

GREY_MODES = frozenset({"1", "L", "LA", "I;16", "I;16B", "I;16L"})


class Header(NamedTuple):
    """What is known of an image without its pixels."""

    width: int
    height: int
    grey: bool


def read_header(item: Item) -> Header:
    """Return size and kind of an image, decoding nothing.

    Raises:
        DataError: no such file, no image, or larger than Pillow's limit.
    """
    with _opened(item) as image:
        left, top, right, bottom = item.box or (0, 0, *image.size)
        return Header(right - left, bottom - top, image.mode in GREY_MODES)


def decode(item: Item, resolution: int, channels: int) -> NDArray[np.uint8]:
    """Return the pixels of an image, ``(channels, resolution, resolution)`` uint8.

    Its orientation mark is followed, colour or grey is made of it, the shorter side is resized
    (bilinear, antialiased) and the centre is kept.

    Raises:
        DataError: the file is missing, damaged, no image or too large; the message has its path.
    """
    with _opened(item) as image:
        upright = image.crop(item.box) if item.box else ImageOps.exif_transpose(image)
        whole = _to_mode(upright, "L" if channels == 1 else "RGB")
        if whole.size != (resolution, resolution):
            whole = ImageOps.fit(whole, (resolution, resolution), method=Image.Resampling.BILINEAR)
        pixels = np.asarray(whole)
    return pixels[None] if channels == 1 else np.moveaxis(pixels, -1, 0)


def content(item: Item) -> str:
    """Return a hash of what an image shows, equal for equal pixels, however they are stored.

    Raises:
        DataError: as `decode`.
    """
    with _opened(item) as image:
        shown = _to_mode(image.crop(item.box) if item.box else image, "RGB")
        digest = hashlib.blake2b(repr(shown.size).encode(), digest_size=16)
        digest.update(shown.tobytes())
    return digest.hexdigest()


@contextmanager
def no_bombs() -> Iterator[None]:
    """Within, Pillow's warning of too many pixels is an error, so that only one line is said.

    Filters of warnings belong to the process: enter it while a data set is loaded, not on reads,
    which may come from several threads. `decode` refuses such images by itself.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


@contextmanager
def _opened(item: Item) -> Iterator[Image.Image]:
    if item.fault:
        raise DataError(f"{item.name}: {item.fault}")
    if item.pixels is not None:
        yield Image.fromarray(item.pixels)
        return
    assert item.file is not None
    try:
        if item.file.exists():
            check_file(item.file, LARGEST, DataError)
        if item.file.stat().st_size == 0:
            raise DataError(f"{item.name}: empty file, no image")
        with Image.open(item.file, formats=FORMATS) as image:
            limit = Image.MAX_IMAGE_PIXELS
            if limit and image.width * image.height > limit:
                raise Image.DecompressionBombError
            yield image
    except DataError:
        raise
    except FileNotFoundError:
        listed = f", though {item.listed} names it" if item.listed else ""
        raise DataError(f"{item.name}: no such file{listed}") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise DataError(
            f"{item.name}: more than {Image.MAX_IMAGE_PIXELS:,} pixels, as decompression bombs"
            " have; no face needs so many"
        ) from None
    except Exception as error:  # Pillow's decoders raise anything on damaged files
        reason = " ".join(str(error).replace(str(item.file), "it").split())
        raise DataError(f"{item.name}: damaged or no image: {reason}") from None


def _to_mode(image: Image.Image, mode: str) -> Image.Image:
    if image.mode.startswith("I;16"):  # 16-bit grey: keep the upper byte
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif image.mode == "P":  # a palette may hold transparency, which needs its own step
        image = image.convert("RGBA")
    return image if image.mode == mode else image.convert(mode)
