"""Run folders as users name them: one or several, as text or as paths."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

Folders = str | Path | Sequence[str | Path]
"""A run folder, or several."""


def paths_of(folders: Folders) -> list[Path]:
    """Return the folders as paths.

    Example:
        >>> paths_of("runs/tune1") == paths_of([Path("runs/tune1")]) == [Path("runs/tune1")]
        True
    """
    several = [folders] if isinstance(folders, str | Path) else folders
    return [Path(folder) for folder in several]
