"""RAF-DB: the official list, AMP-Net's list, and class folders under either convention.

Source: Li, Deng and Du, CVPR 2017; 12,271 train and 3,068 test images of 7 classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nasfer.data.assembling import register_files
from nasfer.data.labels import canonical
from nasfer.data.landmarks import with_landmarks
from nasfer.data.listing import Item, Listing, one_hot
from nasfer.data.sets.class_folders import list_class_folders
from nasfer.data.sets.conventions import (
    CLASSES_FILE,
    RAFDB_CONVENTIONS,
    RAFDB_OFFICIAL,
    read_classes,
    show_order,
)
from nasfer.data.sets.list_files import Once, inside, read_rows, whole_number
from nasfer.data.sets.renaming import RENAME, find_renaming, refuse_renaming
from nasfer.errors import DataError

LISTS = ("EmoLabel/list_patition_label.txt", "index/data_label.txt", "data_label.txt")
"""Lists of image and label, 1 to 7 in the official order; the last two are AMP-Net's."""

IMAGES = ("Image/aligned", "aligned", "dataset", "images", ".")
"""Where listed images may lie, below the data set's folder."""

CLASSES = canonical(RAFDB_OFFICIAL)


@register_files(
    "rafdb",
    options={"convention": ("", *RAFDB_CONVENTIONS), **RENAME},
    layouts=(
        "EmoLabel/list_patition_label.txt, Image/aligned/train_00001_aligned.jpg",
        "index/data_label.txt, index/land_marks.npy or landmarks.csv, dataset/*.jpg (AMP-Net)",
        "train|test/0..6 or 1..7/*.jpg, with convention= or classes.txt",
        "train|test/CLASS/*.jpg",
    ),
)
def list_rafdb(path: Path, options: Mapping[str, str]) -> Listing:
    """RAF-DB, 7 classes; numbered folders need their convention named."""
    root = path / "basic" if (path / "basic").is_dir() else path
    for name in LISTS:
        if (root / name).is_file():
            refuse_renaming(root / name, options)
            return _list_official(root, root / name)
    return list_class_folders(
        "rafdb",
        root,
        options,
        order=_order(root, options),
        classes=CLASSES,
        without_order=(
            "their order must be named: "
            + "; ".join(
                f"convention={name} ({show_order(order)})"
                for name, order in RAFDB_CONVENTIONS.items()
            )
            + f"; or {CLASSES_FILE}"
        ),
    )


def _order(root: Path, options: Mapping[str, str]) -> tuple[str, ...] | None:
    convention = options["convention"]
    if convention and (renaming := find_renaming(root, options)):
        raise DataError(f"{renaming.path}: says what folders are, as convention={convention} does")
    written = read_classes(root)
    named = RAFDB_CONVENTIONS.get(convention)
    if written and named and written != named:
        raise DataError(
            f"{root / CLASSES_FILE}: {', '.join(written)}; convention={convention} is"
            f" {', '.join(named)}: give one of them"
        )
    return named or written


def _list_official(root: Path, path: Path) -> Listing:
    splits: dict[str, list[Item]] = {"train": [], "test": []}
    seen = Once()
    folder: Path | None = None
    for where, cells in read_rows(path, delimiter=" "):
        if len(cells) != 2:
            raise DataError(f"{where}: {len(cells)} words; an image and its label are needed")
        name = inside(cells[0], where)
        label = whole_number(cells[1], 1, len(RAFDB_OFFICIAL), where, "label")
        split = Path(name).name.partition("_")[0]
        if split not in splits:
            raise DataError(f"{where}: image {name!r}; names begin with train_ or test_")
        seen.check(name, where)
        if folder is None:
            folder = _folder_of(root, name)
        file = _aligned(folder, name)
        target = one_hot(CLASSES.index(RAFDB_OFFICIAL[label - 1]), len(CLASSES))
        splits[split].append(Item(str(file), target, file, listed=where))
    listed = {split: with_landmarks(items, root) for split, items in splits.items()}
    note = f"{path.name}: labels read as {show_order(RAFDB_OFFICIAL, 1)}"
    return Listing("rafdb", root, CLASSES, listed, (note,))


def _folder_of(root: Path, name: str) -> Path:
    """Return the folder that holds the first listed image; the official one if none does."""
    there = (root / folder for folder in IMAGES if _aligned(root / folder, name).is_file())
    return next(there, root / IMAGES[0])


def _aligned(folder: Path, name: str) -> Path:
    """Return the file of a listed image; the lists leave ``_aligned`` out of names."""
    plain = folder / name
    aligned = plain.with_name(f"{plain.stem}_aligned{plain.suffix}")
    return plain if not aligned.is_file() and plain.is_file() else aligned
