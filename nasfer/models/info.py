"""What a network says about itself: structure, classes, size and normalisation of its images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import nn

from nasfer.presets import PRESETS, Preset

if TYPE_CHECKING:
    from nasfer.models.network import Network

LARGEST_PX = 8192
"""Side of the largest images, in pixels."""

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


def described_info(data: Any) -> CheckpointInfo:
    """Return what plain data of a file's metadata say, each field of its type.

    Raises:
        ValueError: a field is missing, unknown, of another type or out of range.
    Example:
        >>> described_info({"structure": "S(1)", "class_names": [], "resolution": -1})
        Traceback (most recent call last):
        ValueError: resolution: input should be greater than or equal to 0
    """
    try:
        found = _Info.model_validate(data)
    except ValidationError as error:
        faults = error.errors()  # what is there and wrong comes before what is missing
        first = next((one for one in faults if one["type"] != "missing"), faults[0])
        place = ".".join(map(str, first["loc"])) or "metadata"
        raise ValueError(f"{place}: {first['msg'].lower()}") from None
    return CheckpointInfo(**found.model_dump())


class _Info(BaseModel):
    """The types and ranges of a file's metadata; what depends on the network is checked later."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    structure: str = Field(min_length=1)
    class_names: tuple[Annotated[str, Field(max_length=200)], ...] = Field(max_length=2**16)
    resolution: int = Field(ge=0, le=LARGEST_PX)
    mean: tuple[float, ...] = Field(max_length=2**16)
    std: tuple[Annotated[float, Field(gt=0)], ...] = Field(max_length=2**16)


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
