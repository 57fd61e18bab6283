"""From a listing to a data set: splits that are missing, pixels, mean and deviation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from nasfer.data.choosing import choose
from nasfer.data.decoding import Header
from nasfer.data.faces import SPLITS, FaceData, Faces, Images
from nasfer.data.listing import UNSPLIT, Item, Listing
from nasfer.data.reading import (
    MEMORY_LIMIT,
    FileImages,
    read_contents,
    read_headers,
    read_images,
)
from nasfer.data.registry import DATASETS, DataSet, Request, Watch
from nasfer.data.splitting import hold_out
from nasfer.errors import DataError

TEST_SHARE = 0.2
"""Share of the images of a set without splits that becomes its test split."""

STATISTICS_IMAGES = 5000
"""Training images that mean and deviation are taken over, at most."""

STATISTICS_VALUES = 2**22
"""Pixel values they are taken over at once."""

Lister = Callable[[Path, Mapping[str, str]], Listing]


def register_files(
    name: str,
    *,
    options: Mapping[str, tuple[str, ...]] | None = None,
    layouts: tuple[str, ...] = (),
) -> Callable[[Lister], Lister]:
    """Decorator: make a function ``(path, options) -> Listing`` known as a data set of files.

    The first line of its docstring becomes its summary; see `register_data` for the arguments.

    Raises:
        DuplicateNameError: the name is taken.
    """

    def register(lister: Lister) -> Lister:
        def read(path: Path | None, options: Mapping[str, str], request: Request) -> FaceData:
            assert path is not None
            return assemble(lister(path, options), request)

        summary = (lister.__doc__ or name).strip().splitlines()[0]
        DATASETS.add(name, DataSet(name, read, options or {}, True, summary, layouts, lister))
        return lister

    return register


def assemble(listing: Listing, request: Request) -> FaceData:
    """Read the images of a listing, of the training split those that are chosen.

    Raises:
        DataError: an image is damaged and ``request.on_bad_image`` is ``"stop"``, the files differ
            in size and no resolution was asked for, or a split is empty.
    """
    splits, notes = complete_splits(listing, val=request.val, seed=request.seed)
    splits, more = choose(
        splits, request.choice, listing.class_names,
        lambda items: read_contents(items, request.watch),
    )  # fmt: skip
    notes += more
    bad: list[str] = []

    def leave_out(item: Item, error: DataError) -> None:
        if request.on_bad_image == "stop":
            raise error
        bad.append(item.name)

    splits, headers = _with_headers(splits, leave_out)
    channels = request.channels or (1 if all(header.grey for header in headers.values()) else 3)
    resolution = request.resolution or _common_size(headers)
    total = sum(map(len, splits.values()))
    fits = total * channels * resolution**2 <= MEMORY_LIMIT
    faces = {}
    done = 0
    for split, items in splits.items():
        images: Images = FileImages(items, resolution, channels)
        if fits or request.on_bad_image == "skip":
            items, images = read_images(
                items, resolution, channels, in_memory=fits, on_error=leave_out,
                watch=_shifted(request.watch, done, total),
            )  # fmt: skip
        done += len(splits[split])
        if not items:
            raise DataError(f"{listing.root}: empty split: no image of {split} could be read")
        faces[split] = _faces(items, images, listing.class_names)
    if bad:
        notes.append(f"{len(bad)} damaged or missing images were left out")
    mean, std = pixel_statistics(faces["train"].images, seed=request.seed)
    return FaceData(
        listing.name, listing.name, listing.class_names, faces, (*listing.notes, *notes),
        mean, std, tuple(bad),
    )  # fmt: skip


def complete_splits(
    listing: Listing, *, val: float, seed: int
) -> tuple[dict[str, list[Item]], list[str]]:
    """Return train, val and test, drawing those that a listing lacks, and a note on each drawn one.

    Where there is val but no test, val is the test split, as papers on such sets use it.
    """
    splits = {split: list(items) for split, items in listing.splits.items()}
    notes = []
    if UNSPLIT in splits:
        splits["train"], splits["test"] = hold_out(splits[UNSPLIT], TEST_SHARE, seed=seed)
        notes.append(
            f"test: {len(splits['test'])} images, {TEST_SHARE:.0%} of each class, seed {seed};"
            " the set has no splits"
        )
    elif "test" not in splits and "val" in splits:
        splits["test"] = splits.pop("val")
        notes.append("test: the set's val split; it has no other test images")
    elif "test" not in splits:
        raise DataError(f"{listing.root}: no test split; train and test are needed")
    if "val" not in splits:
        splits["train"], splits["val"] = hold_out(splits["train"], val, seed=seed)
        notes.append(
            f"val: {len(splits['val'])} images held out of train, {val:.0%} of each class,"
            f" seed {seed}; the set has no val split"
        )
        if not splits["val"]:
            raise DataError(f"{listing.root}: too few images in train to hold out a val split")
    return {split: splits[split] for split in SPLITS}, notes


def pixel_statistics(
    images: Images, *, seed: int = 0
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return mean and deviation of each channel, range 0 to 1, over 5,000 images at most.

    Example:
        >>> from nasfer.data.faces import MemoryImages
        >>> black, white = torch.zeros(1, 1, 2, 2), torch.full((1, 1, 2, 2), 255.0)
        >>> pixel_statistics(MemoryImages(torch.cat([black, white]).byte()))
        ((0.5,), (0.5,))
    """
    count = min(len(images), STATISTICS_IMAGES)
    chosen = np.random.default_rng(seed).permutation(len(images))[:count]
    total = torch.zeros(images.channels, dtype=torch.float64)
    squares = torch.zeros_like(total)
    at_once = max(1, STATISTICS_VALUES // (images.channels * images.resolution**2))
    for indices in torch.from_numpy(np.sort(chosen)).split(at_once):
        pixels = images.read(indices).float() / 255
        total += pixels.mean((2, 3)).double().sum(0)
        squares += pixels.square().mean((2, 3)).double().sum(0)
    mean = total / count
    variance = (squares / count - mean.square()).clamp(min=1 / 255**2)  # one grey level at least
    return _rounded(mean), _rounded(variance.sqrt())


def _rounded(values: Tensor) -> tuple[float, ...]:
    return tuple(round(value, 6) for value in values.tolist())


def _with_headers(
    splits: Mapping[str, Sequence[Item]], leave_out: Callable[[Item, DataError], None]
) -> tuple[dict[str, list[Item]], dict[str, Header]]:
    """Read the headers and leave out images that have none."""
    kept: dict[str, list[Item]] = {}
    headers: dict[str, Header] = {}
    for split, items in splits.items():
        kept[split] = []
        for item, header in zip(items, read_headers(items)):
            if isinstance(header, DataError):
                leave_out(item, header)
            else:
                kept[split].append(item)
                headers[item.name] = header
    return kept, headers


def _common_size(headers: Mapping[str, Header]) -> int:
    if not headers:
        raise DataError("no image could be read")
    first, one = next(iter(headers.items()))
    for name, other in headers.items():
        if other[:2] != one[:2]:
            raise DataError(
                f"images differ in size: {first} is {one.width}x{one.height}, {name} is"
                f" {other.width}x{other.height}; give a resolution"
            )
    if one.width != one.height:
        raise DataError(
            f"images are not square: {first} is {one.width}x{one.height}; give a resolution"
        )
    return one.width


def _shifted(watch: Watch | None, done: int, total: int) -> Watch | None:
    return None if watch is None else lambda now, _total: watch(done + now, total)


def _faces(items: Sequence[Item], images: Images, class_names: tuple[str, ...]) -> Faces:
    points = [item.landmarks for item in items if item.landmarks is not None]
    landmarks = torch.from_numpy(np.stack(points)) if len(points) == len(items) else None
    return Faces(
        images,
        torch.tensor([item.target for item in items], dtype=torch.float32),
        class_names,
        tuple(item.name for item in items),
        landmarks,
    )
