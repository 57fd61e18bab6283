"""What a network says about itself: structure, classes, size and normalisation of its images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import nn

from nasfer.presets import PRESETS, Preset

if TYPE_CHECKING:
    from nasfer.models.network import Network

USUAL_PX = 224
"""Size of the images of a network that does not know its own."""


@dataclass(frozen=True, slots=True)
class CheckpointInfo:
    """What a nasfer checkpoint says about itself.

    Args:
        structure: the architecture's structure string.
        class_names: of the logits, in order; empty if unknown.
        resolution: side of the images it was trained on, in pixels; 0 if unknown.
        mean: of the normalisation, one value a channel, for images of range 0 to 1; empty if
            unknown.
        std: of the normalisation.
    """

    structure: str
    class_names: tuple[str, ...]
    resolution: int
    mean: tuple[float, ...]
    std: tuple[float, ...]


def describe(model: Network, source: str) -> CheckpointInfo:
    """Describe a network by the preset that ``source`` names, or by its architecture alone.

    A preset's class names are kept where the number of classes is still its own.
    """
    preset = PRESETS.get(source) if source in PRESETS else None
    return _described(model, preset)


def default_cfg(model: Network) -> dict[str, Any]:
    """Return how images are prepared for a network, and which of its layers come first and last.

    The keys are timm's. Size and normalisation are those of the checkpoint that the network was
    read from, else those of the preset that it is (the number of classes aside), else 224 pixels
    and none.

    Returns:
        ``architecture`` (the structure string), ``input_size`` (channels, height, width), ``mean``
        and ``std`` for images of range 0 to 1, ``interpolation``, ``crop_pct``, ``num_classes``,
        ``class_names`` (empty if unknown), ``num_features``, ``first_conv`` and ``classifier``:
        names of layers, a tuple of names where there are several class layers.
    """
    info = model.info or _described(model, _preset_of(model))
    channels, side = model.arch.in_channels, info.resolution or USUAL_PX
    known = len(info.mean) == channels
    classifiers = tuple(model.classifiers)
    return {
        "architecture": str(model.arch),
        "input_size": (channels, side, side),
        "mean": info.mean if known else (0.0,) * channels,
        "std": info.std if known else (1.0,) * channels,
        "interpolation": "bilinear",
        "crop_pct": 1.0,
        "num_classes": model.num_classes,
        "class_names": info.class_names if len(info.class_names) == model.num_classes else (),
        "num_features": model.num_features,
        "first_conv": _first_conv(model),
        "classifier": classifiers[0] if len(classifiers) == 1 else classifiers,
    }


def _described(model: Network, preset: Preset | None) -> CheckpointInfo:
    structure = str(model.arch)
    if preset is None:
        return CheckpointInfo(structure, (), 0, (), ())
    own_classes = model.arch.classes == preset.arch.classes
    names = preset.class_names if own_classes else ()
    return CheckpointInfo(structure, names, preset.resolution, preset.mean, preset.std)


def _preset_of(model: Network) -> Preset | None:
    """The preset of the same structure; one of the same trunk, if the head is another."""
    alike = [preset for preset in PRESETS if preset.arch.blocks == model.arch.blocks]
    classes = model.arch.classes
    same = [preset for preset in alike if preset.arch.with_classes(classes) == model.arch]
    return next(iter([*same, *alike]), None)


def _first_conv(model: Network) -> str:
    named = model.features.named_modules(prefix="features")
    return next((name for name, module in named if isinstance(module, nn.Conv2d)), "")
