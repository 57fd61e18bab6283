"""Images in one folder a class, below one folder a split: named or numbered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from nasfer.data.decoding import SUFFIXES
from nasfer.data.labels import EXPRESSIONS, expression
from nasfer.data.landmarks import with_landmarks
from nasfer.data.listing import UNSPLIT, Item, Listing, one_hot
from nasfer.data.sets.conventions import first_number, show_order
from nasfer.data.sets.renaming import RENAME_FILE, find_renaming
from nasfer.errors import DataError

SPLIT_FOLDERS = {
    "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val",
    "test": "test",
}  # fmt: skip
"""Names of split folders, in lower case."""


def has_class_folders(root: Path) -> bool:
    """Return whether a folder holds a ``train`` folder with folders in it."""
    train = _split_folders(root).get("train")
    return train is not None and any(path.is_dir() for path in train.iterdir())


def list_class_folders(
    name: str,
    root: Path,
    options: Mapping[str, str],
    *,
    order: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    without_order: str = "",
) -> Listing:
    """List the images of class folders.

    Args:
        name: of the data set.
        root: holds ``train``, ``test``, perhaps ``val``; or the class folders themselves.
        options: of the data set; ``rename`` may name a map of folders.
        order: the classes that folder numbers stand for, where there is no map.
        classes: the canonical classes; further ones are left out, each must have images. ``None``:
            those that train has.
        without_order: what to tell a user whose folders are numbered, where ``order`` is ``None``.
    Raises:
        DataError: no class folders, names that are no expressions, numbers without an order or out
            of range, a folder that a map does not name, or a class without images.
    """
    folders = _split_folders(root) or {UNSPLIT: root}
    if UNSPLIT not in folders and "train" not in folders:
        raise DataError(f"{root}: {', '.join(sorted(folders))} without train; train is needed")
    inside = {split: _class_folders(folder) for split, folder in folders.items()}
    names = {path.name for paths in inside.values() for path in paths}
    notes: list[str] = []
    meaning: Mapping[str, str | None]
    if renaming := find_renaming(root, options):
        meaning = renaming.meaning(names)
        notes.append(renaming.note(names))
    else:
        meaning = _meaning(names, root, order, without_order, notes)

    main = next(split for split in (UNSPLIT, "train") if split in folders)
    kept = tuple(classes) if classes else _canonical(meaning[path.name] for path in inside[main])
    splits: dict[str, list[Item]] = {}
    ignored, dropped = 0, set()
    for split, paths in inside.items():
        splits[split] = []
        for path in paths:
            label = meaning[path.name]
            if label is None:
                continue
            if label not in kept:
                if classes is None:
                    raise DataError(f"{path}: {main} has no class {label}, {split} has")
                dropped.add(label)
                continue
            files, others = _image_files(path)
            ignored += others
            if not files and split == main:
                raise DataError(f"{path}: no image of class {label}")
            target = one_hot(kept.index(label), len(kept))
            splits[split] += [Item(str(file), target, file) for file in files]
        splits[split] = with_landmarks(splits[split], root)
    _check_complete(kept, splits[main], folders[main])
    if ignored:
        notes.append(f"{ignored} files that are no images by name were ignored")
    if dropped:
        notes.append(f"classes left out: {', '.join(sorted(dropped))}")
    return Listing(name, root, kept, splits, tuple(notes))


def _split_folders(root: Path) -> dict[str, Path]:
    if not root.is_dir():
        raise DataError(f"{root}: no such folder")
    folders: dict[str, Path] = {}
    for path in sorted(root.iterdir()):
        split = SPLIT_FOLDERS.get(path.name.lower())
        if split is None or not path.is_dir():
            continue
        if split in folders:
            raise DataError(f"{root}: both {folders[split].name} and {path.name} are {split}")
        folders[split] = path
    return folders


def _class_folders(folder: Path) -> list[Path]:
    paths = [path for path in sorted(folder.iterdir()) if path.is_dir()]
    paths = [path for path in paths if not path.name.startswith((".", "__"))]
    if not paths:
        raise DataError(f"{folder}: no class folders, such as {folder}/happiness")
    return paths


def _meaning(
    names: set[str], root: Path, order: Sequence[str] | None, without_order: str, notes: list[str]
) -> dict[str, str]:
    """Return the class of each folder name."""
    numbers = {name: int(name) for name in names if name.isascii() and name.isdigit()}
    if not numbers:
        try:
            meaning = {name: expression(name, str(root)) for name in sorted(names)}
        except DataError as error:
            raise DataError(f"{error}; {RENAME_FILE} may say what it is") from None
        twice = [name for name in meaning if list(meaning.values()).count(meaning[name]) > 1]
        per_class = {meaning[name]: sorted(n for n in twice if meaning[n] == meaning[name])
                     for name in twice}  # fmt: skip
        for label, both in per_class.items():
            named = f"folders {' and '.join(both)} are both {label}"
            raise DataError(f"{root}: {named}; {RENAME_FILE} may join them")
        return meaning
    if len(numbers) < len(names):
        mixed = f"{min(numbers)} and {min(names - numbers.keys())}"
        raise DataError(f"{root}: folders {mixed}; either numbers or names are allowed")
    if order is None:
        raise DataError(f"{root}: numbered class folders; {without_order}")
    start = first_number(numbers.values(), order, str(root))
    notes.append(f"folder numbers read as {show_order(order, start)}")
    return {name: order[number - start] for name, number in numbers.items()}


def _canonical(labels: Iterable[str | None]) -> tuple[str, ...]:
    there = set(labels)
    return tuple(name for name in EXPRESSIONS if name in there)


def _image_files(folder: Path) -> tuple[list[Path], int]:
    """Return the images of a folder, and the number of other files."""
    files = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    images = [path for path in files if path.suffix.lower() in SUFFIXES and path.is_file()]
    return images, len(files) - len(images)


def _check_complete(classes: Sequence[str], items: Sequence[Item], folder: Path) -> None:
    there = {item.label for item in items}
    lacking = [name for label, name in enumerate(classes) if label not in there]
    if lacking:
        raise DataError(
            f"{folder}: no folder or no image of class {', '.join(lacking)};"
            f" {len(classes)} classes are needed: {', '.join(classes)}"
        )
