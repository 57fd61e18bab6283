"""CAER-S: frames of television series in named class folders.

Source: Lee et al., ICCV 2019, arXiv:1908.05913; 69,982 images, 48,995 train and 20,987 test.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nasfer.data.assembling import register_files
from nasfer.data.labels import EXPRESSIONS
from nasfer.data.listing import Listing
from nasfer.data.sets.class_folders import list_class_folders
from nasfer.data.sets.conventions import CLASSES_FILE, read_classes
from nasfer.data.sets.renaming import RENAME


@register_files(
    "caers",
    options=RENAME,
    layouts=("train|test/Anger|Disgust|Fear|Happy|Neutral|Sad|Surprise/*.png",),
)
def list_caers(path: Path, options: Mapping[str, str]) -> Listing:
    """CAER-S, colour frames, 7 classes."""
    return list_class_folders(
        "caers",
        path,
        options,
        order=read_classes(path),
        classes=EXPRESSIONS[:7],
        without_order=f"CAER-S has names; write {CLASSES_FILE} or rename them",
    )
