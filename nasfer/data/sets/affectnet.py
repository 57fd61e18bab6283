"""AffectNet with 7 or 8 classes: class folders, or list files.

Source: Mollahosseini, Hasani and Mahoor, IEEE TAC 2019, arXiv:1708.03985. The published test images
are not public: papers report the 500 a class of its validation split, which is the test split here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nasfer.data.assembling import register_files
from nasfer.data.labels import expression
from nasfer.data.landmarks import with_landmarks
from nasfer.data.listing import Item, Listing, one_hot
from nasfer.data.sets.class_folders import list_class_folders
from nasfer.data.sets.conventions import AFFECTNET_ORDER, read_classes, show_order
from nasfer.data.sets.list_files import Once, column, inside, read_rows, whole_number
from nasfer.data.sets.renaming import RENAME, refuse_renaming
from nasfer.errors import DataError

LISTS = {
    "train": ("training.csv", "train.csv"),
    "val": ("validation.csv", "val.csv", "valid.csv"),
    "test": ("test.csv",),
}
"""File names of the lists of each split."""

LIST_FOLDERS = (".", "Manually_Annotated_file_lists")
IMAGE_FOLDERS = (".", "Manually_Annotated_Images", "images")

PATHS = ("subDirectory_filePath", "path", "image", "file", "pth")
LABELS = ("expression", "label", "emotion")
BOX = ("face_x", "face_y", "face_width", "face_height")
LAST_LABEL = 10
"""Labels over 7 are none, uncertain and no face: dropped and counted."""

LAYOUTS = (
    "train|val/CLASS or 0..7/*.jpg",
    "training.csv, validation.csv (subDirectory_filePath, expression, perhaps face_x ...)",
)


@register_files("affectnet7", options=RENAME, layouts=LAYOUTS)
def list_affectnet7(path: Path, options: Mapping[str, str]) -> Listing:
    """AffectNet without contempt, 7 classes; its validation split is the test split."""
    return _list("affectnet7", path, options, AFFECTNET_ORDER[:7])


@register_files("affectnet8", options=RENAME, layouts=LAYOUTS)
def list_affectnet8(path: Path, options: Mapping[str, str]) -> Listing:
    """AffectNet with contempt, 8 classes; its validation split is the test split."""
    return _list("affectnet8", path, options, AFFECTNET_ORDER)


def _list(name: str, root: Path, options: Mapping[str, str], classes: Sequence[str]) -> Listing:
    lists = {
        split: root / folder / file
        for split, files in LISTS.items()
        for folder in LIST_FOLDERS
        for file in files
        if (root / folder / file).is_file()
    }
    if "train" not in lists:
        order = read_classes(root) or AFFECTNET_ORDER
        return list_class_folders(name, root, options, order=order, classes=classes)
    refuse_renaming(lists["train"], options)
    seen, dropped = Once(), Counter[str]()
    splits = {}
    boxed = False
    for split, path in lists.items():
        reader = _ListReader(root, path, tuple(classes), seen, dropped)
        splits[split] = with_landmarks(reader.read(), root)
        boxed = boxed or any(item.box for item in splits[split])
    notes = [f"labels read as {show_order(AFFECTNET_ORDER)}"]
    if boxed:
        notes.append("faces are cut out by face_x, face_y, face_width, face_height")
    if dropped:
        counts = ", ".join(f"{count:,} {label}" for label, count in sorted(dropped.items()))
        notes.append(f"dropped: {counts}")
    return Listing(name, root, tuple(classes), splits, tuple(notes))


@dataclass
class _ListReader:
    """Reads one list file."""

    root: Path
    path: Path
    classes: tuple[str, ...]
    seen: Once
    dropped: Counter[str]

    def read(self) -> list[Item]:
        """Return the images whose class is wanted; count the others."""
        rows = read_rows(self.path)
        where, header = next(rows, (f"{self.path}:1", []))
        places = column(header, PATHS), column(header, LABELS)
        if places[0] is None or places[1] is None:
            raise DataError(
                f"{where}: columns {', '.join(header)[:80]!r}; {PATHS[0]} and {LABELS[0]} are"
                " needed"
            )
        box = [column(header, [name]) for name in BOX]
        folder: Path | None = None
        items = []
        for where, cells in rows:
            if len(cells) < len(header):
                raise DataError(f"{where}: {len(cells)} columns; {len(header)} are needed")
            image = inside(cells[places[0]], where)
            label = self._class(cells[places[1]], where)
            if label not in self.classes:
                self.dropped[label] += 1
                continue
            self.seen.check(image, where)
            folder = folder or self._folder_of(image)
            edges = [cells[place] for place in box if place is not None]
            items.append(
                Item(
                    str(folder / image),
                    one_hot(self.classes.index(label), len(self.classes)),
                    folder / image,
                    box=_box(edges, where) if len(edges) == len(BOX) else None,
                    listed=where,
                )
            )
        return items

    def _folder_of(self, image: str) -> Path:
        folders = [self.root / folder for folder in IMAGE_FOLDERS]
        return next((folder for folder in folders if (folder / image).is_file()), folders[0])

    def _class(self, text: str, where: str) -> str:
        if text.isalpha():
            return expression(text, where)
        number = whole_number(text, 0, LAST_LABEL, where, "label")
        return AFFECTNET_ORDER[number] if number < len(AFFECTNET_ORDER) else f"label {number}"


def _box(edges: Sequence[str], where: str) -> tuple[int, int, int, int]:
    left, top, width, height = (
        whole_number(edge, 0, 100_000, where, name) for edge, name in zip(edges, BOX)
    )
    if not width or not height:
        raise DataError(f"{where}: face of {width} x {height} pixels; at least 1 x 1 is needed")
    return left, top, left + width, top + height
