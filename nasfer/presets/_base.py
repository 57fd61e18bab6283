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
        recipe: name of the training recipe.
        class_names: of the logits in the published code's order; empty where it is not published.
        mean: of the published normalisation, for images of range 0 to 1; empty likewise.
        std: of the published normalisation.
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
    recipe: str
    class_names: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()


IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)

PRESETS: Registry[Preset] = Registry("preset", entry_points="nasfer.presets")
"""Every preset by name; outside ones come by the entry point ``nasfer.presets``."""


def register_preset(preset: Preset) -> Preset:
    """Make a preset known by its name."""
    return PRESETS.add(preset.name, preset)
