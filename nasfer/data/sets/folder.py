"""Class folders of one's own: named, or numbered with a ``classes.txt``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nasfer.data.assembling import register_files
from nasfer.data.labels import EXPRESSIONS
from nasfer.data.listing import Listing
from nasfer.data.sets.class_folders import list_class_folders
from nasfer.data.sets.conventions import CLASSES_FILE, read_classes
from nasfer.data.sets.renaming import RENAME, RENAME_FILE


@register_files(
    "folder",
    options=RENAME,
    layouts=(
        "train|val|test/CLASS/*.jpg",
        "train|test/CLASS/*.jpg (val is held out of train)",
        "CLASS/*.jpg (val and test are drawn)",
        f"any of these with folders of other names and a {RENAME_FILE} beside them",
    ),
)
def list_folder(path: Path, options: Mapping[str, str]) -> Listing:
    """Class folders of your own, with or without splits."""
    return list_class_folders(
        "folder",
        path,
        options,
        order=read_classes(path),
        without_order=(
            f"write {path / CLASSES_FILE} with one class name a line in the order of the numbers,"
            f" or rename them; names: {', '.join(EXPRESSIONS)}"
        ),
    )
