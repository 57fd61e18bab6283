"""Find search spaces: those that come with nasfer, and the user's own YAML files."""

from __future__ import annotations

from pathlib import Path

from nasfer.arch.text import is_structure, shorten
from nasfer.errors import SpaceError, UnknownNameError
from nasfer.registry import nearest
from nasfer.space.family import FamilySpace
from nasfer.space.schema import SpaceFile, UnionFile, read_space_file
from nasfer.space.space import Space
from nasfer.space.union import UnionSpace


def spaces_folder() -> Path:
    """Return the folder of the spaces that come with nasfer.

    It is ``nasfer/search_spaces`` in an installed package and ``search_spaces`` beside the package
    in a checkout.
    """
    package = Path(__file__).parents[1]
    installed = package / "search_spaces"
    return installed if installed.is_dir() else package.parent / "search_spaces"


def list_spaces() -> list[str]:
    """Return the names of the spaces that come with nasfer.

    Example:
        >>> {"zennet_m", "zennet_r"} <= set(list_spaces())
        True
    """
    return sorted(path.stem for path in spaces_folder().glob("*.yaml"))


def load_space(name: str | Path) -> Space:
    """Load a space by name, or from the path of a YAML file.

    Raises:
        UnknownNameError: no such name; the message holds the nearest one.
        SpaceError: the file is wrong, or a structure is given, which is one network.
    Example:
        >>> load_space("zennet_x")
        Traceback (most recent call last):
        nasfer.errors.UnknownNameError: unknown space 'zennet_x'; did you mean 'zennet_r'?
    """
    path = _find(str(name), Path())
    file = read_space_file(path)
    if isinstance(file, SpaceFile):
        return FamilySpace(path.stem, file, str(path))
    return UnionSpace(path.stem, file, _read_families(path, file))


def _find(name: str, folder: Path) -> Path:
    """Return the file of a space; a path is relative to ``folder``."""
    if is_structure(name):
        raise SpaceError(
            f"`space`: {shorten(name)} is the structure of one network; a space's name or file is"
            " needed"
        )
    if name.endswith((".yaml", ".yml")):
        if not _is_file(folder / name):
            raise UnknownNameError(f"unknown space {name!r}: there is no such file")
        return folder / name
    if name not in list_spaces():
        raise UnknownNameError(f"unknown space {shorten(name)}{nearest(name, list_spaces())}")
    return spaces_folder() / f"{name}.yaml"


def _is_file(path: Path) -> bool:
    """Whether there is such a file; a name that is too long for one is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _read_families(union: Path, file: UnionFile) -> list[FamilySpace]:
    """Load a union's families, each with the union's limits and scoring for its own."""
    families: dict[str, FamilySpace] = {}
    common = {"limits": file.limits, "scoring": file.scoring}
    for index, name in enumerate(file.families):
        where = f"{union}: families[{index}]"
        try:
            path = _find(name, union.parent)
        except UnknownNameError as error:
            raise SpaceError(f"{where}: {error}") from None
        if path.stem in families:
            raise SpaceError(f"{where}: {path.stem!r} stands there twice; names must differ")
        own = read_space_file(path)
        if isinstance(own, UnionFile):
            raise SpaceError(f"{where}: {name!r} is a union itself; name its families instead")
        families[path.stem] = FamilySpace(path.stem, own.model_copy(update=common), str(path))
    return list(families.values())
