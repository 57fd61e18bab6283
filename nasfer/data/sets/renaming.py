"""What class folders of any name are: a map that the user writes, ``classes.yaml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nasfer.data.labels import expression
from nasfer.data.paths import expanded
from nasfer.data.sets.conventions import CLASSES_FILE, LARGEST
from nasfer.errors import DataError
from nasfer.reading import load_yaml_texts
from nasfer.registry import nearest

RENAME_FILE = "classes.yaml"
"""A map in a data set's folder, read where no other is named."""

SKIP = "skip"
"""What stands for a folder whose images are left out."""

NAMED = 40
"""So many folders are named in a note."""

RENAME: Mapping[str, tuple[str, ...]] = {"rename": ()}
"""The option of data sets of class folders that names another map."""

MEANING = (
    f"map of class folders, FOLDER: CLASS a line, {SKIP} leaves one out; default {RENAME_FILE} in"
    " the set's folder"
)
"""Of the option ``rename``."""


@dataclass(frozen=True)
class Renaming:
    """A map from the names of folders to classes.

    Args:
        path: its file, for messages.
        classes: by name of a folder its class, ``None`` to leave it out.
    """

    path: Path
    classes: Mapping[str, str | None]

    def meaning(self, folders: Iterable[str]) -> dict[str, str | None]:
        """Return the class of each folder; entries of other folders do no harm.

        Raises:
            DataError: a folder is not in the map.
        """
        found = {}
        for folder in sorted(folders):
            if folder not in self.classes:
                known = nearest(folder, list(self.classes))
                raise DataError(
                    f"{self.path}: no line for folder {folder!r}{known}; '{folder}: CLASS' or"
                    f" '{folder}: {SKIP}' is needed"
                )
            found[folder] = self.classes[folder]
        return found

    def note(self, folders: Iterable[str]) -> str:
        """Return what was read, in one line."""
        named = [f"{name} {self.classes[name] or 'left out'}" for name in sorted(folders)]
        more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
        return f"folders read by {self.path.name} as {', '.join(named[:NAMED])}{more}"


def find_renaming(root: Path, options: Mapping[str, str]) -> Renaming | None:
    """Return the map of a set's folders: the one that ``rename`` names, else ``classes.yaml``.

    Args:
        root: the data set's folder.
        options: of the data set.
    Raises:
        DataError: the file cannot be read, holds no map or no expressions; or ``classes.txt``
            stands beside ``classes.yaml``.
    """
    if "rename" in options:
        return _read(expanded(options["rename"]))
    path = root / RENAME_FILE
    if not path.exists():
        return None
    if (root / CLASSES_FILE).exists():
        raise DataError(f"{root}: both {CLASSES_FILE} and {RENAME_FILE}; one is allowed")
    return _read(path)


def refuse_renaming(path: Path, options: Mapping[str, str]) -> None:
    """Refuse the option ``rename`` where a list or a table names the classes.

    Raises:
        DataError: it is given.
    """
    if "rename" in options:
        raise DataError(
            f"`data`: rename={options['rename']}: class folders are renamed, and {path} is a list"
        )


def _read(path: Path) -> Renaming:
    texts = load_yaml_texts(path, DataError, limit=LARGEST)
    if not texts:
        raise DataError(f"{path}: a map is needed, such as 'AN: anger', a line for each folder")
    classes = {
        folder: None if text.strip().lower() == SKIP else expression(text, f"{path}: {folder}")
        for folder, text in texts.items()
    }
    return Renaming(path, classes)
