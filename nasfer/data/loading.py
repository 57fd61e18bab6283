"""``NAME[:PATH][,option=value...]``: take it apart, check it, read the data set."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from nasfer.data.choice import Choice, read_choice
from nasfer.data.choosing import limit_faces
from nasfer.data.faces import FaceData
from nasfer.data.paths import expanded
from nasfer.data.registry import BAD_IMAGE, DATASETS, DataSet, Request, Watch
from nasfer.errors import DataError, UnknownNameError
from nasfer.registry import nearest

LARGEST = 4096
"""Largest side of images, in pixels."""

OPTION = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)


@dataclass(frozen=True)
class Parsed:
    """A ``data`` argument taken apart; its options are allowed ones.

    Args:
        data_set: the entry of the table.
        path: where the data set lies, if it lies anywhere.
        options: every option of the data set, defaults filled in but for free ones.
        val: share of train to hold out where there is no val split.
        choice: which training images are read.
    """

    data_set: DataSet
    path: Path | None
    options: dict[str, str]
    val: float
    choice: Choice


def parse_data(spec: str) -> Parsed:
    """Take a ``data`` argument apart.

    The path may hold commas and colons, but no ``,name=``.

    Raises:
        UnknownNameError: no such data set; the message holds the nearest name.
        DataError: the path is missing or not there, or an option or its value is not allowed.
    Example:
        >>> parse_data("folder:.,val=0.2").val
        0.2
    """
    match = re.match(r"[^:,]*", spec)
    assert match is not None
    name = match[0].strip()
    if name and name not in DATASETS and os.path.isdir(os.path.expanduser(name)):
        raise UnknownNameError(
            f"`data`: {name!r} is a folder; if it holds a folder a class, say folder:{spec}"
        )
    data_set = DATASETS.get(name)
    rest = spec[match.end() :]
    pieces = rest[1:].split(",") if rest else []
    first = next((i for i, piece in enumerate(pieces) if OPTION.fullmatch(piece)), len(pieces))
    head = ",".join(pieces[:first])
    if rest.startswith(",") and head:
        raise DataError(f"`data`: {head!r} is no option; name=value is needed")
    options = _options(data_set, pieces[first:])
    common = {name: options.pop(name) for name in data_set.common if name in options}
    val, choice = _share(common.get("val", "0.1")), read_choice(common)
    return Parsed(data_set, _path(data_set, head), options, val, choice)


def load_data(
    spec: str,
    *,
    resolution: int | None = None,
    channels: int | None = None,
    on_bad_image: str = "stop",
    seed: int = 0,
    watch: Watch | None = None,
) -> FaceData:
    """Read a data set.

    Args:
        spec: ``NAME[:PATH][,option=value...]``; `DATASETS` holds the names and their options.
        resolution: side of the images, in pixels; ``None`` keeps the files' own common size.
        channels: 1 grey, 3 colour; ``None`` is 1 where all files are grey, else 3.
        on_bad_image: ``"stop"``: a damaged or missing image is an error; ``"skip"``: it is left
            out and listed in ``bad_images``.
        seed: of splits that are drawn, and of drawn faces.
        watch: told ``(done, total)`` images while they are read.
    Returns:
        Splits train, val and test, labels as distributions over canonical classes, notes.
    Raises:
        UnknownNameError: no such data set.
        DataError: the data set cannot be read as what it claims to be; one line says why.
    Cost: all images are decoded once, in threads; over 3 GiB of pixels they are decoded on read.
    """
    if resolution is not None and not 1 <= resolution <= LARGEST:
        raise DataError(f"resolution: {resolution}; 1 to {LARGEST} pixels are allowed")
    if channels not in (None, 1, 3):
        raise DataError(f"channels: {channels}; 1 and 3 are allowed")
    if on_bad_image not in BAD_IMAGE:
        raise DataError(f"on_bad_image: {on_bad_image!r}; {' and '.join(BAD_IMAGE)} are allowed")
    parsed = parse_data(spec)
    request = Request(resolution, channels, on_bad_image, seed, parsed.val, watch, parsed.choice)
    with refusals():
        data = parsed.data_set.read(parsed.path, parsed.options, request)
    if parsed.data_set.lister is None:
        data = limit_faces(data, parsed.choice)
    return replace(data, spec=spec)


@contextmanager
def refusals() -> Iterator[None]:
    """Within, a file or folder that the system refuses to read is a `DataError` with its path."""
    try:
        yield
    except OSError as error:
        raise DataError(f"{error.filename}: cannot be read: {error.strerror}") from None


def _options(data_set: DataSet, pieces: list[str]) -> dict[str, str]:
    known = data_set.all_options
    options = {name: values[0] for name, values in known.items() if values}
    given: list[str] = []
    for piece in pieces:
        match = OPTION.fullmatch(piece)
        if match is None:
            if given[-1:] == ["drop"] and "drop" in data_set.common:
                options["drop"] += f"+{piece}"  # joined by commas, which are read, too
                continue
            raise DataError(f"`data`: {piece!r} is no option; name=value is needed")
        name, value = match.groups()
        if name not in known:
            raise DataError(
                f"`data`: {data_set.name} has no option {name!r}{nearest(name, list(known))}"
            )
        if name in given:
            raise DataError(f"`data`: option {name} is given twice")
        if known[name] and value not in known[name]:
            raise DataError(
                f"`data`: {name}={value}; allowed: {', '.join(filter(None, known[name]))}"
            )
        given.append(name)
        options[name] = value
    return options


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = float("nan")
    if not 0 < share <= 0.5:
        raise DataError(f"`data`: val={text}; a share over 0, 0.5 at most, is allowed")
    return share


def _path(data_set: DataSet, text: str) -> Path | None:
    if not data_set.needs_path and not text:
        return None
    if not text:
        raise DataError(f"`data`: {data_set.name} needs a path, {data_set.name}:PATH")
    path = expanded(text)
    if not os.path.exists(path):  # also where nothing can have such a name
        raise DataError(f"`data`: {text[:200]}: no such file or folder")
    return path
