"""FERPlus: FER2013's images with the votes of ten people each.

Source: Barsoum et al., ICMI 2016, arXiv:1608.01041; https://github.com/microsoft/FERPlus.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from nasfer.data.assembling import register_files
from nasfer.data.labels import canonical, columns_by_name
from nasfer.data.listing import Item, Listing
from nasfer.data.sets.conventions import FERPLUS_ORDER
from nasfer.data.sets.ferplus_rules import FACES, LABELS, RULES, label
from nasfer.data.sets.list_files import Once, inside, read_rows, whole_number
from nasfer.errors import DataError

VOTES_FILE = "fer2013new.csv"
"""All votes, with the images' names and splits (``Usage``)."""

FOLDERS = {"train": "FER2013Train", "val": "FER2013Valid", "test": "FER2013Test"}
"""Folders of images; each may hold a ``label.csv`` of its own votes."""

USAGE = {"Training": "train", "PublicTest": "val", "PrivateTest": "test"}

Row = tuple[str, str, str, list[str]]  # where, split, image name, votes


@register_files(
    "ferplus",
    options={"labels": LABELS, "rules": RULES, "classes": ("8", "7")},
    layouts=(
        "FER2013Train|Valid|Test/label.csv beside the images, perhaps below data/",
        "fer2013new.csv, images in FER2013Train|Valid|Test/, images/ or beside it",
    ),
)
def list_ferplus(path: Path, options: Mapping[str, str]) -> Listing:
    """FERPlus, FER2013's grey 48 x 48 images with votes; 8 classes, or 7 without contempt."""
    root = path.parent if path.is_file() else path
    base = root / "data" if (root / "data").is_dir() else root
    classes = int(options["classes"])
    order = FERPLUS_ORDER[:classes]
    names = canonical(order)
    ours = columns_by_name(order, names, "ferplus")
    rows, locate = _source(root, base)

    splits: dict[str, list[Item]] = {"train": [], "val": [], "test": []}
    seen, read = Once(), Counter[str]()
    for where, split, image, cells in rows:
        votes = [whole_number(cell, 0, 1000, where, "number of votes") for cell in cells]
        if len(votes) != FACES + 2:
            raise DataError(f"{where}: {len(votes)} votes; {FACES + 2} are needed")
        read[split] += 1
        shares = None
        if image:
            image = inside(image, where)
            seen.check(image, where)
            shares = label(votes, labels=options["labels"], rules=options["rules"], classes=classes)
        if shares is not None:
            file = locate(split, image)
            target = tuple(shares[column] for column in ours)
            splits[split].append(Item(str(file), target, file, listed=where))
    note = (
        f"labels {options['labels']}, rules {options['rules']}, {classes} classes; results"
        " of other labels or rules are not comparable"
    )
    kept = "; ".join(
        f"{split} {len(items):,} kept, {read[split] - len(items):,} dropped"
        for split, items in splits.items()
    )
    return Listing("ferplus", path, names, splits, (note, kept))


def _source(root: Path, base: Path) -> tuple[Iterable[Row], Callable[[str, str], Path]]:
    """Return the votes, and where an image of a split lies."""
    lists = {split: base / folder / "label.csv" for split, folder in FOLDERS.items()}
    there = [split for split, path in lists.items() if path.is_file()]
    if len(there) == len(lists):
        return _rows_of_folders(lists), lambda split, image: lists[split].with_name(image)
    if there:
        lacking = next(path for split, path in lists.items() if split not in there)
        raise DataError(f"{lacking}: no such file; FERPlus has one for each of its three splits")
    table = root / VOTES_FILE
    if not table.is_file():
        raise DataError(
            f"{root}: no FERPlus: neither {VOTES_FILE} nor {FOLDERS['train']}/label.csv"
        )
    if (base / FOLDERS["train"]).is_dir():
        return _rows_of_table(table), lambda split, image: base / FOLDERS[split] / image
    folder = root / "images" if (root / "images").is_dir() else base
    return _rows_of_table(table), lambda split, image: folder / image


def _rows_of_folders(lists: Mapping[str, Path]) -> Iterable[Row]:
    for split, path in lists.items():
        for where, cells in read_rows(path):
            # name, box, ten votes; some copies have a header, some no box
            if cells[-1].lower() == "nf":
                continue
            boxed = len(cells) > 1 and cells[1].startswith("(")
            yield where, split, cells[0], cells[2 if boxed else 1 :]


def _rows_of_table(path: Path) -> Iterable[Row]:
    wanted = ["usage", "image name", *FERPLUS_ORDER, "unknown", "nf"]
    for number, (where, cells) in enumerate(read_rows(path)):
        if number == 0:
            if [cell.lower() for cell in cells] != wanted:
                raise DataError(f"{where}: columns are not {','.join(wanted)}")
            continue
        if cells[0] not in USAGE:
            raise DataError(f"{where}: Usage {cells[0]!r}; {', '.join(USAGE)} are allowed")
        yield where, USAGE[cells[0]], cells[1] if len(cells) > 1 else "", cells[2:]
