"""Data sets by name: what ``NAME[:PATH][,option=value...]`` may say, and who reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nasfer.data.choice import COMMON, OF_FILES, Choice
from nasfer.registry import Registry

if TYPE_CHECKING:
    from nasfer.data.faces import FaceData
    from nasfer.data.listing import Listing

Watch = Callable[[int, int], None]
"""Told ``(done, total)`` images while they are read."""

BAD_IMAGE = ("stop", "skip")
"""What a damaged or missing image does: end with an error, or be left out and listed."""


@dataclass(frozen=True)
class Request:
    """How a data set is to be read.

    Args:
        resolution: side of the images, in pixels; ``None`` keeps the files' own common size.
        channels: 1 grey, 3 colour; ``None`` is 1 where all files are grey, else 3.
        on_bad_image: ``"stop"`` or ``"skip"``.
        seed: of splits that are drawn, and of drawn faces.
        val: share of the training images held out where a set has no val split of its own.
        watch: told ``(done, total)`` images while they are read.
        choice: which training images are read; sets of files alone look at it (`load_data` limits
            others).
    """

    resolution: int | None = None
    channels: int | None = None
    on_bad_image: str = "stop"
    seed: int = 0
    val: float = 0.1
    watch: Watch | None = None
    choice: Choice = field(default_factory=Choice)


Reader = Callable[[Path | None, Mapping[str, str], Request], "FaceData"]


@dataclass(frozen=True)
class DataSet:
    """One entry of the table of data sets.

    Args:
        name: registry key.
        read: ``(path, options, request) -> FaceData``; its options were checked against
            ``options``, and those of all sets went into the request.
        options: for each option its values, the default first; an empty tuple is a free value,
            which ``read`` checks.
        needs_path: whether ``NAME`` without ``:PATH`` is an error.
        summary: one line for tables.
        layouts: the layouts on disk that it knows, one line each.
        lister: of a set of files: what there is, without reading an image (`register_files`).
    """

    name: str
    read: Reader
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    needs_path: bool = True
    summary: str = ""
    layouts: tuple[str, ...] = ()
    lister: Callable[[Path, Mapping[str, str]], Listing] | None = None

    @property
    def common(self) -> tuple[str, ...]:
        """Names of the options that it shares with all sets (`COMMON`)."""
        return tuple(
            name
            for name in COMMON
            if name not in self.options and (self.lister is not None or name not in OF_FILES)
        )

    @property
    def all_options(self) -> dict[str, tuple[str, ...]]:
        """Its own options and the common ones, as ``options``."""
        return {**self.options, **dict.fromkeys(self.common, ())}


DATASETS: Registry[DataSet] = Registry("data set", entry_points="nasfer.datasets")
"""Every data set by name; outside ones come by the entry point ``nasfer.datasets``."""


def register_data(
    name: str,
    *,
    options: Mapping[str, tuple[str, ...]] | None = None,
    needs_path: bool = True,
    layouts: tuple[str, ...] = (),
) -> Callable[[Reader], Reader]:
    """Decorator: make ``(path, options, request) -> FaceData`` known as a data set.

    The first line of its docstring becomes its summary. Every data set has the options ``val``, the
    request's share, ``limit`` and ``seed``, unless it names one so itself.

    Args:
        name: registry key.
        options: for each option its values, the default first; an empty tuple is a free value.
        needs_path: whether ``NAME`` without ``:PATH`` is an error.
        layouts: the layouts on disk that it knows, one line each.
    Raises:
        DuplicateNameError: the name is taken.
    """

    def register(read: Reader) -> Reader:
        summary = (read.__doc__ or name).strip().splitlines()[0]
        DATASETS.add(name, DataSet(name, read, options or {}, needs_path, summary, layouts))
        return read

    return register
