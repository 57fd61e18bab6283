"""From what a user names to candidates: a search's run folder, a preset, an ARCH, a space."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nasfer.arch import Arch, is_structure
from nasfer.errors import NasferError, RunFolderError, SpaceError, UnknownNameError
from nasfer.presets import PRESETS, load_arch
from nasfer.presets.found import CHECKPOINT
from nasfer.reading import open_text
from nasfer.registry import nearest
from nasfer.runs.files import CANDIDATES_FILE, RUN_FILE
from nasfer.runs.fingerprints import check_unchanged
from nasfer.runs.folder import read_run
from nasfer.space import Space, list_spaces, load_space

LARGEST = 2**26
"""Bytes of a table of candidates."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A network that is to be trained.

    Args:
        source: what tables call it.
        arch: the network, with its own head.
        named: what `nasfer.training.job.make_job` builds: a preset's name or the structure.
        searched_px: side of the images that it was found for, in pixels; ``None``: by no search.
    """

    source: str
    arch: Arch
    named: str
    searched_px: int | None = None


def read_source(source: str, *, top: int, budget: bool = False) -> list[Candidate] | Space:
    """Return the candidates that a source names, or the space that it is.

    A preset and a space may share a name: with a budget the space is meant, else the preset.

    Args:
        source: run folder, preset, structure, file, space, or ``space:NAME``.
        top: candidates of a run folder, at most.
        budget: whether candidates of a space would have to keep one.
    Raises:
        RunFolderError: the folder is no finished search.
        UnknownNameError: nothing has that name; the message holds the nearest one.
        SpecError: a structure or a file is wrong.
    """
    if source.startswith("space:"):
        return load_space(source.removeprefix("space:"))
    if is_structure(source):
        arch = load_arch(source)
        return [Candidate(arch.digest(), arch, str(arch))]
    path = Path(os.path.expanduser(source))
    if "#" in source or path.suffix == CHECKPOINT:
        arch = load_arch(source)
        return [Candidate(path.name, arch, str(arch))]
    if os.path.isdir(path):
        return _from_run(path, top)
    if budget or source not in PRESETS:
        if source in list_spaces():
            return load_space(source)
        if path.suffix in (".yaml", ".yml"):
            return _from_yaml(source)
        if not path.suffix and source not in PRESETS:
            names = [*PRESETS.names("*"), *list_spaces()]
            raise UnknownNameError(
                f"unknown source {source!r}{nearest(source, names)}: a run folder, preset,"
                " structure, file or space is needed"
            )
    arch = load_arch(source)
    if source in PRESETS:
        return [Candidate(source, arch, source)]
    return [Candidate(path.name, arch, str(arch))]


def _from_run(path: Path, top: int) -> list[Candidate]:
    table = path / CANDIDATES_FILE
    if not os.path.isfile(table):
        what = "its search did not end" if os.path.exists(path / RUN_FILE) else "no run folder"
        raise RunFolderError(
            f"{path}: {what}: {CANDIDATES_FILE} is missing; run nasfer search first"
        )
    if os.path.exists(path / RUN_FILE):
        known = read_run(path).files
        check_unchanged(path, known, (CANDIDATES_FILE,), "the same search makes it anew")
    try:
        with open_text(table, LARGEST, RunFolderError) as lines:
            rows = list(csv.DictReader(lines))
    except csv.Error as error:
        raise RunFolderError(f"{table}: damaged: {error}") from None
    if not rows or "structure" not in rows[0]:
        raise RunFolderError(f"{table}: no candidates in it")
    candidates = []
    for rank, row in enumerate(rows[:top], start=1):
        try:
            arch = load_arch(row["structure"] or "")
        except NasferError as error:
            raise RunFolderError(f"{table}:{rank + 1}: structure: {error}") from None
        side = row.get("resolution") or ""
        searched_px = int(side) if side.isdecimal() and len(side) < 6 else None
        candidates.append(Candidate(f"{path.name}#{rank}", arch, str(arch), searched_px))
    return candidates


def found_for_others(candidates: Sequence[Candidate], side: int) -> str | None:
    """Return a line where candidates were found for images of another size than is trained.

    Args:
        side: of the images that are trained, in pixels.
    """
    others = [one for one in candidates if one.searched_px not in (None, side)]
    if not others:
        return None
    sizes = ", ".join(map(str, sorted({one.searched_px or 0 for one in others})))
    return (
        f"{len(others)} candidate{'s' if len(others) > 1 else ''} found for images of {sizes} px,"
        f" trained at {side} px: costs are those at {side} px, scores those of the search;"
        f" `resolution={sizes.split(',')[0]}` trains at the search's size"
    )


def _from_yaml(source: str) -> list[Candidate] | Space:
    """A YAML file is a space or an architecture: try the one, then the other."""
    try:
        return load_space(source)
    except SpaceError as no_space:
        try:
            arch = load_arch(source)
        except NasferError as no_arch:
            raise SpaceError(f"{no_space}; and no architecture: {no_arch}") from None
    return [Candidate(Path(source).name, arch, str(arch))]


def distinct(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Leave out candidates that an earlier one is equal to."""
    return list({candidate.arch.digest(): candidate for candidate in candidates[::-1]}.values())[
        ::-1
    ]
