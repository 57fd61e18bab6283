"""Folders of tiny faces for tests: real PNG and JPG files, each with its own pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from nasfer.data.sets.conventions import RAFDB_OFFICIAL


def picture(seed: int, *, side: int = 12, mode: str = "L") -> Image.Image:
    rng = np.random.default_rng(seed)
    shape = (side, side) if mode == "L" else (side, side, 3)
    return Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8))


def save(path: Path, seed: int, *, side: int = 12, mode: str = "L") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(seed, side=side, mode=mode).save(path)
    return path


def class_folders(
    root: Path,
    classes: Sequence[str],
    *,
    splits: Mapping[str, int],
    side: int = 12,
    mode: str = "L",
    suffix: str = ".png",
) -> Path:
    """Write ``root/split/class/00.png``; a split named ``""`` has its classes in the root."""
    for number, (split, count) in enumerate(splits.items()):
        for label, name in enumerate(classes):
            for index in range(count):
                seed = (number * 100 + label) * 100 + index
                save(root / split / name / f"{index:02}{suffix}", seed, side=side, mode=mode)
    return root


def rafdb_official(root: Path, *, each: int = 3, labels: Sequence[int] = range(1, 8)) -> Path:
    """Write RAF-DB's official layout, image ``k`` of each split drawn from its seed."""
    lines = []
    for split, width in (("train", 5), ("test", 4)):
        for place in range(each * len(labels)):
            name = f"{split}_{place + 1:0{width}}"
            label = labels[place % len(labels)]
            seed = place + (1000 if split == "test" else 0)
            save(root / f"Image/aligned/{name}_aligned.jpg", seed, mode="RGB")
            lines.append(f"{name}.jpg {label}")
    (root / "EmoLabel").mkdir(parents=True)
    (root / "EmoLabel/list_patition_label.txt").write_text("\n".join(lines) + "\n")
    return root


def rafdb_numbered(
    source: Path, root: Path, order: Sequence[str], *, start: int = 0, names: bool = False
) -> Path:
    """Copy the official layout's images into class folders of another convention."""
    for line in (source / "EmoLabel/list_patition_label.txt").read_text().splitlines():
        name, label = line.split()
        stem, split = Path(name).stem, name.split("_")[0]
        known = RAFDB_OFFICIAL[int(label) - 1]
        folder = known if names else str(order.index(known) + start)
        target = root / split / folder / f"{stem}_aligned.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((source / f"Image/aligned/{stem}_aligned.jpg").read_bytes())
    return root
