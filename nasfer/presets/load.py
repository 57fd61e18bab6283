"""Turn what a user names into an architecture: a preset, a structure string or a file."""

from __future__ import annotations

from pathlib import Path

from nasfer.arch import Arch, is_structure, parse_arch, read_arch
from nasfer.errors import SpecError
from nasfer.presets._base import PRESETS
from nasfer.presets.found import found_arch, is_found
from nasfer.runs.naming import short_name

SUFFIXES = (".yaml", ".yml", ".json", ".txt")


def load_arch(source: Arch | str | Path) -> Arch:
    """Return the architecture that ``source`` names.

    Args:
        source: a preset's name, a structure string, the path of a ``.yaml``, ``.json`` or ``.txt``
            file, a run folder (its best network; ``RUN#2`` or ``RUN#DIGEST`` another one of it), a
            checkpoint (its architecture alone), or an architecture, which is returned as it is.
    Raises:
        UnknownNameError: a name that is no preset.
        SpecError: the text or the file is not well formed.
        RunFolderError: a folder is no run's.
    Example:
        >>> load_arch("zennet_m").digest() == load_arch(str(load_arch("zennet_m"))).digest()
        True
    """
    if isinstance(source, Arch):
        return source
    if isinstance(source, Path):
        return read_arch(source)
    if not source.strip():
        raise SpecError("`arch`: empty; a preset, a structure string or a file is needed")
    if is_structure(source):
        return parse_arch(source)
    if source.endswith(SUFFIXES):
        return read_arch(Path(source))
    if "(" in source:  # no structure: its error says where
        return parse_arch(source)
    if source not in PRESETS and is_found(source):
        return found_arch(source)
    return PRESETS.get(source).arch


def arch_text(source: Arch | str | Path) -> str:
    """Return what names an architecture as text, from which `load_arch` reads the same one.

    Example:
        >>> arch_text(Path("nets/mine.yaml")), arch_text("zennet_m")
        ('nets/mine.yaml', 'zennet_m')
        >>> load_arch(arch_text(load_arch("zennet_r"))) == load_arch("zennet_r")
        True
    """
    return source if isinstance(source, str) else str(source)


def source_name(source: Arch | str | Path) -> str:
    """Return what names an architecture as a part of a folder's name: a structure by its digest.

    Raises:
        SpecError: the structure is wrong.
    Example:
        >>> source_name("zennet_m"), source_name("results/runs/one#2")
        ('zennet_m', 'one-2')
        >>> source_name("SuperConvK3BNRELU(3,8,2,1)")
        '735063318c90'
    """
    text = arch_text(source)
    return load_arch(text).digest() if is_structure(text) else short_name(text)
