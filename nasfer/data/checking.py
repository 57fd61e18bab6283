"""Faults of a data set: damaged, missing, duplicate, leaking and mislabelled images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch

from nasfer.data.decoding import content, no_bombs
from nasfer.data.listing import UNSPLIT, Item, one_hot
from nasfer.data.loading import load_data, parse_data, refusals
from nasfer.data.reading import CHUNK, each
from nasfer.data.registry import Watch
from nasfer.errors import DataError

Counts = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Fault:
    """Something wrong with one image, or with several of equal content.

    Args:
        kinds: of ``missing``, ``damaged``, ``duplicate``, ``leakage`` (duplicates in more than one
            split) and ``mislabelled`` (duplicates of different classes).
        images: their names.
        detail: the reason, or split and class of each image.
    """

    kinds: tuple[str, ...]
    images: tuple[str, ...]
    detail: str


@dataclass(frozen=True)
class Check:
    """What a check of a data set found.

    Args:
        spec: as for `load_data`.
        counts: images a class, split by split, as the set has them.
        notes: what was read, how.
        faults: everything wrong, damaged and missing images first.
    """

    spec: str
    counts: Counts
    notes: tuple[str, ...]
    faults: tuple[Fault, ...]


def check_data(spec: str, *, watch: Watch | None = None) -> Check:
    """Read every image of a data set once and report its faults.

    Args:
        spec: ``NAME[:PATH][,option=value...]``, as for `load_data`.
        watch: told ``(done, total)``.
    Raises:
        UnknownNameError: no such data set.
        DataError: its lists or folders cannot be believed, so that there are no images to check.
    Cost: every image is decoded once; 16 bytes an image are kept.
    """
    parsed = parse_data(spec)
    if parsed.data_set.lister is None or parsed.path is None:
        splits, classes, notes = _split_items(spec)
    else:
        with refusals():
            listing = parsed.data_set.lister(parsed.path, parsed.options)
        splits, classes, notes = listing.splits, listing.class_names, listing.notes
    placed = [(split, item) for split, items in splits.items() for item in items]
    faults: list[Fault] = []
    same: dict[str, list[tuple[str, Item]]] = defaultdict(list)
    with no_bombs():
        for place, found in each(content, [item for _, item in placed]):
            split, item = placed[place]
            if isinstance(found, DataError):
                missing = item.file is not None and not item.file.exists()
                faults.append(
                    Fault(("missing" if missing else "damaged",), (item.name,), str(found))
                )
            else:
                same[found].append((split, item))
            if watch is not None and ((place + 1) % CHUNK == 0 or place + 1 == len(placed)):
                watch(place + 1, len(placed))
    faults += [_repeated(group, classes) for group in same.values() if len(group) > 1]
    return Check(spec, _counts(splits, classes), notes, tuple(faults))


def _repeated(group: Sequence[tuple[str, Item]], classes: Sequence[str]) -> Fault:
    kinds = ["duplicate"]
    if len({split for split, _ in group}) > 1:
        kinds.append("leakage")
    if len({item.label for _, item in group}) > 1:
        kinds.append("mislabelled")
    places = (f"{split if split != UNSPLIT else ''} {classes[item.label]}" for split, item in group)
    return Fault(
        tuple(kinds),
        tuple(item.name for _, item in group),
        ", ".join(place.strip() for place in places),
    )


def _counts(splits: Mapping[str, Iterable[Item]], classes: Sequence[str]) -> Counts:
    counts = {split: dict.fromkeys(classes, 0) for split in splits}
    for split, items in splits.items():
        for item in items:
            counts[split][classes[item.label]] += 1
    return counts


def _split_items(
    spec: str,
) -> tuple[Mapping[str, Sequence[Item]], tuple[str, ...], tuple[str, ...]]:
    """Return the images of a set that is no set of files as items with pixels."""
    data = load_data(spec, on_bad_image="skip")
    splits: dict[str, list[Item]] = {}
    for split, faces in data.splits.items():
        pixels = faces.images.read(torch.arange(len(faces))).movedim(1, -1).squeeze(-1).numpy()
        labels = faces.labels.tolist()
        splits[split] = [
            Item(name, one_hot(label, len(data.class_names)), pixels=image)
            for name, label, image in zip(faces.names, labels, pixels)
        ]
    return splits, data.class_names, data.notes
