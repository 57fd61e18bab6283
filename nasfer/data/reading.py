"""Many images, in threads: into memory where they fit, else decoded on read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from nasfer.data.decoding import Header, content, decode, no_bombs, read_header
from nasfer.data.faces import Images, MemoryImages
from nasfer.data.listing import Item
from nasfer.data.registry import Watch
from nasfer.errors import DataError

MEMORY_LIMIT = 3 * 2**30
"""Bytes of pixels kept in memory, all splits together; RAF-DB in colour at 224 pixels fits."""

CHUNK = 64
"""Images a thread takes at once."""

T = TypeVar("T")


def workers() -> int:
    """Return the number of threads that decode: one for each processor, eight at most."""
    return min(8, os.cpu_count() or 1)


class FileImages:
    """Images decoded when they are read.

    Args:
        items: the images; none may be without a file or pixels.
        resolution: side, in pixels.
        channels: 1 grey, 3 colour.
    """

    def __init__(self, items: Sequence[Item], resolution: int, channels: int) -> None:
        self.items = tuple(items)
        self.resolution = resolution
        self.channels = channels

    def __len__(self) -> int:
        return len(self.items)

    def read(self, indices: Tensor) -> Tensor:
        """Return ``(B, channels, resolution, resolution)`` uint8 images of these indices.

        Raises:
            DataError: an image is damaged; the message holds its path.
        """
        chosen = [self.items[index] for index in indices.tolist()]
        shape = (len(chosen), self.channels, self.resolution, self.resolution)
        pixels = np.empty(shape, dtype=np.uint8)
        for place, image in each(
            lambda item: decode(item, self.resolution, self.channels), chosen, chunk=8
        ):
            if isinstance(image, DataError):
                raise image
            pixels[place] = image
        return torch.from_numpy(pixels)


def read_headers(items: Sequence[Item]) -> list[Header | DataError]:
    """Return size and kind of every image, or what is wrong with it."""
    with no_bombs():
        return [header for _, header in each(read_header, items)]


def read_contents(items: Sequence[Item], watch: Watch | None = None) -> dict[str, str | DataError]:
    """Return by name what each image shows, equal for equal pixels, or what is wrong with it.

    Args:
        items: the images.
        watch: told ``(done, total)``.
    Cost: all are decoded once; some 100 bytes each are kept.
    """
    found: dict[str, str | DataError] = {}
    with no_bombs():
        for place, shown in each(content, items):
            found[items[place].name] = shown
            _tell(watch, place + 1, len(items))
    return found


def read_images(
    items: Sequence[Item],
    resolution: int,
    channels: int,
    *,
    in_memory: bool,
    on_error: Callable[[Item, DataError], None],
    watch: Watch | None = None,
) -> tuple[list[Item], Images]:
    """Decode all images once.

    Args:
        items: the images.
        resolution: side, in pixels.
        channels: 1 grey, 3 colour.
        in_memory: keep the pixels; else they are decoded again on read.
        on_error: told of each image that cannot be read; if it returns, the image is left out.
        watch: told ``(done, total)``.
    Returns:
        The images that could be read, as items and as pixels.
    """
    shape = (len(items) if in_memory else 0, channels, resolution, resolution)
    pixels = np.empty(shape, dtype=np.uint8)
    kept: list[Item] = []
    for place, image in each(lambda item: decode(item, resolution, channels), items):
        if isinstance(image, DataError):
            on_error(items[place], image)
        else:
            if in_memory:
                pixels[len(kept)] = image
            kept.append(items[place])
        _tell(watch, place + 1, len(items))
    if in_memory:
        return kept, MemoryImages(torch.from_numpy(pixels[: len(kept)]))
    return kept, FileImages(kept, resolution, channels)


def _tell(watch: Watch | None, done: int, total: int) -> None:
    """Tell of a whole chunk, and of the end."""
    if watch is not None and (done % CHUNK == 0 or done == total):
        watch(done, total)


def each(
    function: Callable[[Item], T], items: Sequence[Item], *, chunk: int = CHUNK
) -> Iterator[tuple[int, T | DataError]]:
    """Yield place and result, or the `DataError`, of each item, in order.

    Threads work at most four chunks each ahead of what was taken: joblib's generator has no such
    bound, it decodes a whole set while the first image is looked at, and takes six times as long to
    begin.
    """

    def run(start: int) -> list[T | DataError]:
        results: list[T | DataError] = []
        for item in items[start : start + chunk]:
            try:
                results.append(function(item))
            except DataError as error:
                results.append(error)
        return results

    ahead = 4 * workers()
    with ThreadPoolExecutor(workers()) as pool:
        starts = range(0, len(items), chunk)
        running = [pool.submit(run, start) for start in starts[:ahead]]
        for number, start in enumerate(starts):
            if number + ahead < len(starts):
                running.append(pool.submit(run, starts[number + ahead]))
            future, running[number] = running[number], None  # type: ignore[call-overload]
            yield from enumerate(future.result(), start)
