"""Faults of a data set: damaged, missing, duplicate, leaking and mislabelled images."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch

from nasfer.data.assembling import complete_splits
from nasfer.data.choice import Choice
from nasfer.data.choosing import choose
from nasfer.data.listing import UNSPLIT, Item, one_hot
from nasfer.data.loading import load_data, parse_data, refusals
from nasfer.data.reading import read_contents
from nasfer.data.registry import Watch
from nasfer.data.repeats import Repeat, find_repeats
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
        counts: images a class, split by split, as the set has them; with ``limit`` or ``drop``, as
            they are read.
        notes: what was read, how.
        faults: everything wrong, damaged and missing images first.
    """

    spec: str
    counts: Counts
    notes: tuple[str, ...]
    faults: tuple[Fault, ...]


def check_data(spec: str, *, watch: Watch | None = None) -> Check:
    """Read every image of a data set once and report its faults.

    With the options ``limit`` or ``drop`` they are those of the images that are read; the notes say
    what was left out.

    Args:
        spec: ``NAME[:PATH][,option=value...]``, as for `load_data`.
        watch: told ``(done, total)``.
    Raises:
        UnknownNameError: no such data set.
        DataError: its lists or folders cannot be believed, so that there are no images to check; or
            ``limit`` or ``drop`` leaves none of a class.
    Cost: every image is decoded once; some 100 bytes an image are kept.
    """
    parsed = parse_data(spec)
    if parsed.data_set.lister is None or parsed.path is None:
        splits, classes, notes = _split_items(spec)
        return _checked(spec, splits, classes, notes, _Looks(watch))
    with refusals():
        listing = parsed.data_set.lister(parsed.path, parsed.options)
    looks = _Looks(watch)
    if parsed.choice == Choice():
        return _checked(spec, listing.splits, listing.class_names, listing.notes, looks)
    whole, drawn = complete_splits(listing, val=parsed.val, seed=0)
    chosen, choices = choose(whole, parsed.choice, listing.class_names, looks)
    notes = (*listing.notes, *drawn, *choices)
    return _checked(spec, chosen, listing.class_names, notes, looks)


class _Looks:
    """What images show, each decoded once."""

    def __init__(self, watch: Watch | None) -> None:
        self._watch = watch
        self._found: dict[str, str | DataError] = {}

    def __call__(self, items: Sequence[Item]) -> Mapping[str, str | DataError]:
        new = [item for item in items if item.name not in self._found]
        self._found |= read_contents(new, self._watch)
        return self._found


def _checked(
    spec: str,
    splits: Mapping[str, Sequence[Item]],
    classes: tuple[str, ...],
    notes: tuple[str, ...],
    looks: _Looks,
) -> Check:
    items = [item for some in splits.values() for item in some]
    shown = looks(items)
    faults = []
    for item in items:
        found = shown[item.name]
        if isinstance(found, DataError):
            missing = item.file is not None and not item.file.exists()
            faults.append(Fault(("missing" if missing else "damaged",), (item.name,), str(found)))
    faults += [_fault(repeat, classes) for repeat in find_repeats(splits, shown)]
    return Check(spec, _counts(splits, classes), notes, tuple(faults))


def _fault(repeat: Repeat, classes: Sequence[str]) -> Fault:
    also = {"leakage": repeat.leaks, "mislabelled": repeat.contradicts}
    places = (
        f"{split if split != UNSPLIT else ''} {classes[item.label]}"
        for split, item in repeat.members
    )
    return Fault(
        ("duplicate", *(kind for kind, holds in also.items() if holds)),
        tuple(item.name for _, item in repeat.members),
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
