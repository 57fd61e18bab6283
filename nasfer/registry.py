"""Name tables that refuse duplicates and answer a misspelt name with the nearest one."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Generic, TypeVar

from nasfer.errors import DuplicateNameError, UnknownNameError

T = TypeVar("T")


def nearest(name: str, known: list[str]) -> str:
    """Suggest the known name closest to ``name``, as a clause to append to an error message.

    Example:
        >>> nearest("zennet-m", ["zennet_m", "zennet_r"])
        "; did you mean 'zennet_m'?"
        >>> nearest("?", ["zennet_m"])
        '; known: zennet_m'
    """
    name = name[:100]  # more letters are no name, and slow to compare
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(known)}" if known else ""


class Registry(Generic[T]):
    """A table from name to thing, filled by visible imports and, on request, by entry points.

    Args:
        kind: what is registered, as the error messages call it (``"proxy"``).
        entry_points: entry-point group of outside plug-ins; loading one must register it.
    Example:
        >>> fruits = Registry("fruit")
        >>> fruits.add("apple", 1)
        1
        >>> fruits.get("aple")
        Traceback (most recent call last):
        nasfer.errors.UnknownNameError: unknown fruit 'aple'; did you mean 'apple'?
    """

    def __init__(self, kind: str, *, entry_points: str | None = None) -> None:
        self.kind = kind
        self._entries: dict[str, T] = {}
        self._makers: dict[str, Callable[[str], T]] = {}
        self._group = entry_points
        self._plugins_loaded = entry_points is None

    def add(self, name: str, entry: T) -> T:
        """Register ``entry`` under ``name`` and return it.

        Raises:
            DuplicateNameError: the name is taken.
        """
        if name in self._entries:
            raise DuplicateNameError(f"{self.kind} {name!r} is registered already")
        self._entries[name] = entry
        return entry

    def add_maker(self, prefix: str, make: Callable[[str], T]) -> None:
        """Let ``make`` give the entries of names such as ``prefix:REST``, from the rest.

        Raises:
            DuplicateNameError: the prefix is taken.
        Example:
            >>> sizes = Registry("size")
            >>> sizes.add_maker("px", int)
            >>> sizes.get("px:48")
            48
        """
        if prefix in self._makers:
            raise DuplicateNameError(f"{self.kind} {prefix!r}: is registered already")
        self._makers[prefix] = make

    def get(self, name: str) -> T:
        """Return the entry of that name.

        Raises:
            UnknownNameError: no such name, not even among the plug-ins.
        """
        prefix, colon, rest = name.partition(":")
        if colon and prefix in self._makers:
            return self._makers[prefix](rest)
        if name not in self._entries:
            self._load_plugins()
        if name not in self._entries:
            raise UnknownNameError(f"unknown {self.kind} {name!r}{nearest(name, self.names())}")
        return self._entries[name]

    def names(self, pattern: str = "*") -> list[str]:
        """Return the registered names that match a shell pattern, in order of registration."""
        self._load_plugins()
        return [name for name in self._entries if fnmatch.fnmatchcase(name, pattern)]

    def __contains__(self, name: str) -> bool:
        return name in self.names()

    def __iter__(self) -> Iterator[T]:
        return (self._entries[name] for name in self.names())

    def _load_plugins(self) -> None:
        if self._plugins_loaded:
            return
        self._plugins_loaded = True
        for point in metadata.entry_points(group=str(self._group)):
            point.load()
