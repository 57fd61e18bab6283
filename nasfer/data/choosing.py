"""From whole splits to what is read of them: faulty training images dropped, the rest limited."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import torch

from nasfer.data.choice import Choice
from nasfer.data.faces import FaceData
from nasfer.data.limiting import stratified
from nasfer.data.listing import Item
from nasfer.data.repeats import Repeat, find_repeats
from nasfer.errors import DataError

Splits = Mapping[str, Sequence[Item]]

WHOLE = "val and test stay whole"


def choose(
    splits: Splits,
    choice: Choice,
    class_names: Sequence[str],
    look: Callable[[Sequence[Item]], Mapping[str, object]],
) -> tuple[dict[str, list[Item]], list[str]]:
    """Return the splits that are read, val and test as they are, and a note on each option.

    First images are dropped, then the rest is limited.

    Args:
        splits: ``train``, ``val`` and ``test``.
        choice: what the user asks for.
        class_names: of the data set.
        look: returns what images show, as `find_repeats` needs it; called where images are dropped.
    Raises:
        DataError: a class of the training images would be left without one.
    """
    chosen = {split: list(items) for split, items in splits.items()}
    notes = []
    if choice.drop:
        shown = look([item for items in splits.values() for item in items])
        chosen["train"], note = _drop(splits, choice.drop, shown, class_names)
        notes.append(note)
    if choice.limit is not None:
        items = chosen["train"]
        places = stratified(
            [item.label for item in items], [item.name for item in items], choice.limit,
            seed=choice.seed, class_names=class_names,
        )  # fmt: skip
        chosen["train"] = [items[place] for place in places]
        notes.append(_limit_note(choice, len(places), len(items)))
    return chosen, notes


def limit_faces(data: FaceData, choice: Choice) -> FaceData:
    """Return a data set of which fewer training images are read; mean and deviation stay.

    Raises:
        DataError: as `choose`.
    """
    if choice.limit is None:
        return data
    train = data.splits["train"]
    places = stratified(
        train.labels.tolist(), train.names, choice.limit,
        seed=choice.seed, class_names=data.class_names,
    )  # fmt: skip
    note = _limit_note(choice, len(places), len(train))
    return replace(
        data,
        splits={**data.splits, "train": train.part(torch.tensor(places))},
        notes=(*data.notes, note),
    )


def _limit_note(choice: Choice, kept: int, count: int) -> str:
    if kept == count:
        return f"limit={choice.limit}: all {count:,} training images; there are no more"
    return (
        f"limit={choice.limit}: {kept:,} of {count:,} training images, the same share of each"
        f" class, seed {choice.seed}; {WHOLE}"
    )


def _drop(
    splits: Splits,
    kinds: Sequence[str],
    shown: Mapping[str, object],
    class_names: Sequence[str],
) -> tuple[list[Item], str]:
    """Return the training images that stay, and a note on those that do not."""
    gone: dict[str, str] = {}  # the first kind of each name
    for repeat in find_repeats(splits, shown):
        for kind in kinds:
            for item in DROPPED[kind](repeat):
                gone.setdefault(item.name, kind)
    train = splits["train"]
    kept = [item for item in train if item.name not in gone]
    lost = {item.label for item in train} - {item.label for item in kept}
    asked = f"drop={'+'.join(kinds)}"
    if lost:
        named = ", ".join(class_names[label] for label in sorted(lost))
        raise DataError(f"`data`: {asked} leaves no training image of {named}")
    counted = list(gone.values())
    counts = ", ".join(f"{counted.count(kind):,} {kind}" for kind in kinds)
    left_out = f"{len(gone):,} of {len(train):,} training images left out ({counts})"
    return kept, f"{asked}: {left_out}; {WHOLE}"


def _leaking(repeat: Repeat) -> list[Item]:
    return repeat.of("train") if repeat.leaks else []


def _contradictory(repeat: Repeat) -> list[Item]:
    return repeat.of("train") if repeat.contradicts else []


def _duplicates(repeat: Repeat) -> list[Item]:
    return repeat.of("train")[1:]


DROPPED: Mapping[str, Callable[[Repeat], list[Item]]] = {
    "leakage": _leaking,
    "contradictory": _contradictory,
    "duplicates": _duplicates,
}
"""For each kind the training images of a repeat that go: all that stand in another split too, all
of more than one class, all but the first."""
