"""Find search spaces: those that come with nasfer, and the user's own YAML files."""

from __future__ import annotations

from pathlib import Path

from nasfer.errors import UnknownNameError
from nasfer.registry import nearest
from nasfer.space.schema import read_space_file
from nasfer.space.space import Space


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


def load_space(name: str) -> Space:
    """Load a space by name, or from the path of a YAML file.

    Raises:
        UnknownNameError: no such name; the message holds the nearest one.
        SpaceError: the file is wrong.
    Example:
        >>> load_space("zennet_x")
        Traceback (most recent call last):
        nasfer.errors.UnknownNameError: unknown space 'zennet_x'; did you mean 'zennet_r'?
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else spaces_folder() / f"{name}.yaml"
    if not path.is_file():
        if path.parent != spaces_folder():
            raise UnknownNameError(f"unknown space {name!r}: there is no such file")
        raise UnknownNameError(f"unknown space {name!r}{nearest(name, list_spaces())}")
    return Space(path.stem, read_space_file(path), str(path))
