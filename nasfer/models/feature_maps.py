"""A network's trunk as a backbone: the feature maps that detectors and decoders read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from nasfer.arch.shapes import output_shape
from nasfer.costs import input_shape
from nasfer.errors import SpecError
from nasfer.models.network import Network

PROBE_PX = 224
"""Size at which a trunk's stages are told apart."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The last map of one size.

    Args:
        index: of the block that writes it.
        channels: of the map.
        reduction: pixels of the image a cell, along an axis.
    """

    index: int
    channels: int
    reduction: int


@dataclass(frozen=True, slots=True)
class FeatureInfo:
    """The maps that a backbone returns, in order; the methods are timm's."""

    stages: tuple[Stage, ...]

    def channels(self) -> list[int]:
        """Return the channels of each map."""
        return [stage.channels for stage in self.stages]

    def reduction(self) -> list[int]:
        """Return how many pixels of the image a cell of each map stands for, along an axis."""
        return [stage.reduction for stage in self.stages]

    def module_name(self) -> list[str]:
        """Return the name of the block that writes each map."""
        return [f"features.{stage.index}" for stage in self.stages]


class FeatureMaps(nn.Module):
    """The trunk of a network as a backbone: images to the last feature map of each size.

    Args:
        network: whose trunk is shared, up to the last map that is returned.
        out_indices: which of the maps, the largest is 0; negative ones count from the smallest;
            ``None``: all.
    Raises:
        SpecError: there is no such map.
    Attributes:
        feature_info: of the returned maps: ``feature_info.channels()``, ``.reduction()``.
        channels: of each returned map.
    Example:
        >>> import torch
        >>> from nasfer.models import create_model
        >>> from nasfer.presets import load_arch
        >>> backbone = FeatureMaps(create_model(load_arch("zennet_r")), out_indices=(1, -1))
        >>> backbone.feature_info.reduction()
        [2, 8]
    """

    def __init__(self, network: Network, out_indices: Sequence[int] | None = None) -> None:
        super().__init__()
        stages = trunk_stages(network)
        if out_indices is not None:
            stages = [stages[index] for index in _places(out_indices, len(stages))]
        self.feature_info = FeatureInfo(tuple(stages))
        self.channels = self.feature_info.channels()
        self._kept = [stage.index for stage in stages]
        self.features = network.features[: max(self._kept) + 1]

    def forward(self, images: Tensor) -> list[Tensor]:
        """Map ``(N, in_channels, H, W)`` images to ``(N, C, H / s, W / s)`` maps, large first."""
        maps = {}
        for index, block in enumerate(self.features):
            images = block(images)
            if index in self._kept:
                maps[index] = images
        return [maps[index] for index in self._kept]


def trunk_stages(network: Network) -> list[Stage]:
    """Return the last map of each size, large first."""
    shape = input_shape(network.arch, PROBE_PX)
    shapes = []
    for block in network.arch.blocks:
        shape = output_shape(block.ops(), shape)
        shapes.append(shape)
    sizes = [(shape.height, shape.width) for shape in shapes]
    last = len(shapes) - 1
    kept = [i for i in range(len(shapes)) if i == last or sizes[i + 1] != sizes[i]]
    return [Stage(i, shapes[i].channels, round(PROBE_PX / shapes[i].height)) for i in kept]


def _places(asked: Sequence[int], count: int) -> list[int]:
    """Places of the maps asked for, in the order of the network."""
    wrong = [index for index in asked if not -count <= index < count]
    if wrong or not asked:
        given = wrong[0] if wrong else "empty"
        raise SpecError(f"`out_indices`: {given}; this network has maps 0 to {count - 1}")
    return sorted({index % count for index in asked})
