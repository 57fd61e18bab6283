"""What a preset is: a paper's network as a value, with the figures that the paper prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nasfer.arch import Arch
from nasfer.registry import Registry


@dataclass(frozen=True, slots=True)
class Published:
    """Figures as printed; never merged with recomputed ones.

    Args:
        params: as printed, such as ``"1.01M"``; ``None`` where nothing is printed.
        flops: as printed, in the paper's own unit.
        accuracy: percent, by data set and setting.
    """

    params: str | None = None
    flops: str | None = None
    accuracy: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Preset:
    """A paper's network under a name.

    Args:
        name: registry key; the family, then the variant.
        arch: the network, for the paper's number of classes.
        resolution: side of the paper's square images, in pixels.
        params: exact trainable parameters, checked against the op tree.
        flops: exact count at ``resolution`` as fvcore counts, checked against the op tree.
        published: what the paper prints.
        source: paper or repository.
        published_key: a key of nasfer's state dict to the key of the published code.
    """

    name: str
    arch: Arch
    resolution: int
    params: int
    flops: int
    published: Published
    source: str
    published_key: Callable[[str], str]


PRESETS: Registry[Preset] = Registry("preset", entry_points="nasfer.presets")
"""Every preset by name; outside ones come by the entry point ``nasfer.presets``."""


def register_preset(preset: Preset) -> Preset:
    """Make a preset known by its name."""
    return PRESETS.add(preset.name, preset)
