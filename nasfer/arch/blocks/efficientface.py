"""EfficientFace's blocks: ShuffleNet-V2 stages, local features by quadrant, the modulator.

Source: Zhao et al., "Robust Lightweight Facial Expression Recognition Network with Label
Distribution Training", AAAI 2021; the stages are those of Ma et al., ECCV 2018, arXiv:1807.11164.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from nasfer.arch import ops
from nasfer.arch.block import Block, register_block
from nasfer.arch.blocks.attention import channel_spatial_modulator
from nasfer.arch.blocks.conv import conv_bn
from nasfer.arch.ops import Op, sequence
from nasfer.errors import SpecError


def _depthwise_between(into: int, out: int, *, kernel: int, stride: int) -> Op:
    """1 x 1 conv, depthwise conv, 1 x 1 conv, each with BN, ReLU after the first and the last."""
    return sequence(
        *conv_bn(into, out, 1),
        ops.RELU,
        *conv_bn(out, out, kernel, stride, groups=out),
        *conv_bn(out, out, 1),
        ops.RELU,
    )


@lru_cache(maxsize=65536)
def shuffle_unit(into: int, out: int, *, kernel: int, stride: int) -> Op:
    """Return one ShuffleNet-V2 unit.

    Where shapes stay, the first half of the channels passes and the second is convolved; else two
    convolved branches read everything. Then concat and channel shuffle in 2 groups.
    """
    half = out // 2
    if stride == 1 and into == out:
        passed, convolved = sequence(), _depthwise_between(half, half, kernel=kernel, stride=1)
        return sequence(ops.Split((passed, convolved)), ops.Shuffle(2))
    short = sequence(
        *conv_bn(into, into, kernel, stride, groups=into), *conv_bn(into, half, 1), ops.RELU
    )
    long = _depthwise_between(into, half, kernel=kernel, stride=stride)
    return sequence(ops.Concat((short, long)), ops.Shuffle(2))


@lru_cache(maxsize=65536)
def local_features(into: int, out: int, *, stride: int) -> Op:
    """Return the local feature extractor: two grouped 3 x 3 convolutions of each quadrant's own.

    The first has as many groups as ``into`` and ``out`` have in common: it is depthwise where
    ``out`` is a multiple of ``into``, as published (29 and 116).
    """
    quadrant = sequence(
        *conv_bn(into, out, 3, stride, groups=math.gcd(into, out)),
        ops.RELU,
        *conv_bn(out, out, 3, groups=out),
        ops.RELU,
    )
    return ops.Quadrants((quadrant, quadrant, quadrant, quadrant), stride)


@register_block
@dataclass(frozen=True, slots=True)
class ShuffleStage(Block):
    """``repeats`` ShuffleNet-V2 units; the first has the stride.

    Example:
        >>> str(ShuffleStage(116, 232, kernel=3, stride=2, repeats=8))
        'ShuffleK3(116,232,2,8)'
    """

    name_format: ClassVar[str] = "ShuffleK{kernel}"
    arguments: ClassVar[tuple[str, ...]] = ("in_channels", "out_channels", "stride", "repeats")

    kernel: int
    stride: int
    repeats: int

    def check(self) -> None:
        """Refuse channels that cannot be halved."""
        if self.out_channels % 2:
            raise SpecError(f"out_channels: {self.out_channels} is not even")

    def ops(self) -> Op:
        """Return the op tree."""
        return self._stage()

    def _stage(self) -> Op:
        units = []
        into, stride = self.in_channels, self.stride
        for _ in range(self.repeats):
            units.append(shuffle_unit(into, self.out_channels, kernel=self.kernel, stride=stride))
            into, stride = self.out_channels, 1
        return sequence(*units)


@register_block
@dataclass(frozen=True, slots=True)
class LocalShuffleStage(ShuffleStage):
    """A ShuffleNet-V2 stage with EfficientFace's additions: ``modulator(stage(x)) + local(x)``.

    Args:
        local: whether the local feature extractor's result is added. It cuts ``x`` into quadrants,
            see `nasfer.arch.ops.Quadrants`: at stride 2, ``x`` needs at least 3 cells a side.
        modulator: whether the channel-spatial modulator gates the stage's result.
    Example:
        >>> str(LocalShuffleStage(29, 116, kernel=3, stride=2, repeats=4, modulator=False))
        'LocalShuffleK3(29,116,2,4,modulator=0)'
    """

    name_format: ClassVar[str] = "LocalShuffleK{kernel}"

    local: bool = True
    modulator: bool = True

    def ops(self) -> Op:
        """Return the op tree."""
        gate = channel_spatial_modulator(self.out_channels) if self.modulator else None
        stage = sequence(self._stage(), gate)
        if not self.local:
            return stage
        extractor = local_features(self.in_channels, self.out_channels, stride=self.stride)
        return ops.Sum((stage, extractor))
