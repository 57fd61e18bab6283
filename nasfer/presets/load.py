"""Turn what a user names into an architecture: a preset, a structure string or a file."""

from __future__ import annotations

from pathlib import Path

from nasfer.arch import Arch, parse_arch, read_arch
from nasfer.errors import SpecError
from nasfer.presets._base import PRESETS

SUFFIXES = (".yaml", ".yml", ".json", ".txt")


def load_arch(source: Arch | str | Path) -> Arch:
    """Return the architecture that ``source`` names.

    Args:
        source: a preset's name, a structure string, the path of a ``.yaml``, ``.json`` or ``.txt``
            file, or an architecture, which is returned as it is.
    Raises:
        UnknownNameError: a name that is no preset.
        SpecError: the text or the file is not well formed.
    Example:
        >>> load_arch("zennet_m").digest() == load_arch(str(load_arch("zennet_m"))).digest()
        True
    """
    if isinstance(source, Arch):
        return source
    if isinstance(source, Path) or source.endswith(SUFFIXES):
        return read_arch(Path(source))
    if not source.strip():
        raise SpecError("ARCH: empty; a preset, a structure string or a file is needed")
    if "(" in source:
        return parse_arch(source)
    return PRESETS.get(source).arch
