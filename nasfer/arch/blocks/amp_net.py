"""AMP-Net's blocks: a ResNet stem, and a head of three modules, two of which read landmarks.

Source: Liu et al., IEEE TCSVT 2022, "Adaptive multilayer perceptual attention network for facial
expression recognition"; CBAM: arXiv:1807.06521; one-shot aggregation: arXiv:1904.09730, with eSE of
arXiv:1911.06667.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from nasfer.arch import ops
from nasfer.arch.block import Block, register_block
from nasfer.arch.blocks.conv import conv_bn
from nasfer.arch.ops import Op, sequence
from nasfer.errors import SpecError

PATCHES = 4
"""Patches around the face, of the LP module."""

WINDOWS = 5
"""Windows around eyes, nose root and mouth corners, of the AP module."""


def conv_bn_relu(into: int, out: int, kernel: int, stride: int = 1) -> tuple[Op, Op, Op]:
    """Return a convolution without bias, its batch norm and ReLU."""
    return *conv_bn(into, out, kernel, stride), ops.RELU


@lru_cache(maxsize=65536)
def basic_block(into: int, out: int, stride: int, *attention: Op) -> Op:
    """ResNet's basic block: two 3 x 3 convolutions, attention if any, link and ReLU."""
    shortcut = None
    if stride > 1 or into != out:
        shortcut = sequence(*conv_bn(into, out, 1, stride))
    body = sequence(
        *conv_bn_relu(into, out, 3, stride),
        *conv_bn(out, out, 3),
        *attention,
    )
    return sequence(ops.Residual(body, shortcut), ops.RELU)


@lru_cache(maxsize=4096)
def cbam(channels: int, reduction: int = 16) -> tuple[Op, Op]:
    """Convolutional block attention: a gate for each channel, then a gate for each cell.

    One perceptron reads the mean and the maximum of each channel, and its two answers are added;
    a 7 x 7 convolution reads the maximum and the mean of each cell.
    """
    squeezed = max(1, channels // reduction)
    perceptron = sequence(
        ops.Flatten(),
        ops.Linear(channels, squeezed),
        ops.RELU,
        ops.Linear(squeezed, channels),
        ops.Unflatten(),
    )
    readings = ops.Concat((ops.GlobalMean(pooled=False), ops.GlobalMax()))
    by_channel = sequence(readings, ops.Fold(2, perceptron), ops.SumGroups(2), ops.SIGMOID)
    extremes = ops.Concat((ops.ChannelMax(), ops.ChannelMean()))
    by_cell = sequence(extremes, *conv_bn(2, 1, 7), ops.SIGMOID)
    return ops.Gate(by_channel), ops.Gate(by_cell)


@lru_cache(maxsize=65536)
def cbam_pair(into: int, out: int, stride: int) -> Op:
    """Two basic blocks with CBAM, the first with the stride."""
    gates = cbam(out)
    return sequence(basic_block(into, out, stride, *gates), basic_block(out, out, 1, *gates))


def scalar_gate(channels: int) -> Op:
    """One number for each image, ``sigmoid(linear(mean))``, that multiplies everything."""
    number = (ops.GlobalMean(), ops.Flatten(), ops.Linear(channels, 1), ops.SIGMOID)
    return ops.Gate(sequence(*number, ops.Unflatten()))


@lru_cache(maxsize=65536)
def one_shot_stage(into: int, width: int, out: int, convs: int = 3) -> Op:
    """One-shot aggregation: the input and each convolution's output, joined once.

    Each 3 x 3 convolution reads the one before it; after the joining 1 x 1 convolution come
    effective squeeze-and-excitation and dropout of half of the channels.
    """
    taps: Op = sequence()
    for index in reversed(range(convs)):
        read = into if index == 0 else width
        conv = sequence(*conv_bn(read, width, 3), scalar_gate(width), ops.RELU)
        taps = ops.Concat((sequence(), sequence(conv, taps)))
    excitation = sequence(
        ops.GlobalMean(), ops.Conv(out, out, 1, bias=True), ops.Activation("hard_sigmoid")
    )
    joined = conv_bn_relu(into + convs * width, out, 1)
    return sequence(taps, *joined, ops.Gate(excitation), ops.Dropout(0.5, channels=True))


@register_block
@dataclass(frozen=True, slots=True)
class ResNetStem(Block):
    """7 x 7 convolution with stride 2, batch norm, ReLU, 3 x 3 max-pool with stride 2.

    Example:
        >>> str(ResNetStem(3, 64))
        'ResNetStem(3,64)'
    """

    name_format: ClassVar[str] = "ResNetStem"
    arguments: ClassVar[tuple[str, ...]] = ("in_channels", "out_channels")

    def ops(self) -> Op:
        """Return the op tree."""
        return sequence(
            *conv_bn_relu(self.in_channels, self.out_channels, 7, 2), ops.MaxPool(3, 2, 1)
        )


@register_block
@dataclass(frozen=True, slots=True)
class ResNetLayer(Block):
    """``repeats`` basic residual blocks, the first with the stride.

    Example:
        >>> str(ResNetLayer(64, 128, stride=2, repeats=4))
        'ResNetLayer(64,128,2,4)'
    """

    name_format: ClassVar[str] = "ResNetLayer"
    arguments: ClassVar[tuple[str, ...]] = ("in_channels", "out_channels", "stride", "repeats")

    stride: int
    repeats: int

    def ops(self) -> Op:
        """Return the op tree."""
        first = basic_block(self.in_channels, self.out_channels, self.stride)
        other = basic_block(self.out_channels, self.out_channels, 1)
        return sequence(first, *(other,) * (self.repeats - 1))


@register_block
@dataclass(frozen=True, slots=True)
class AMPHead(Block):
    """AMP-Net's three modules, each of which can be off, and the logits of its two branches.

    LP reads four patches around the face and AP five windows at eyes and mouth, both from the last
    map by the landmarks; together they are the local branch. GP reads the whole map.

    Fields:
        lp, ap, gp: whether each module is there; one at least is.
        lp_width, ap_width: channels of the first pair of blocks; LP's second pair has twice that.
        gp_width: channels of the first one-shot stage's convolutions; the other widths go with it.
        features: width of what LP and AP hand to the local branch's classifier, each.
        beta: weight of the local branch; the global one has the rest.
        extras: keep the parameters that the published module list holds and never uses.

    Example:
        >>> str(AMPHead(128, 7, ap=False))
        'AMPHead(128,7,ap=0)'
    """

    name_format: ClassVar[str] = "AMPHead"
    arguments: ClassVar[tuple[str, ...]] = ("in_channels", "out_channels")
    is_head: ClassVar[bool] = True

    lp: bool = True
    ap: bool = True
    gp: bool = True
    lp_width: int = 256
    ap_width: int = 256
    gp_width: int = 128
    features: int = 512
    beta: float = 0.5
    extras: bool = False

    def check(self) -> None:
        """Refuse a head without modules, widths under 8 and a weight outside [0, 1]."""
        if not (self.lp or self.ap or self.gp):
            raise SpecError("lp, ap, gp: all off; one module is needed at least")
        for name in ("lp_width", "ap_width", "gp_width", "features"):
            if getattr(self, name) < 8:
                raise SpecError(f"{name}: {getattr(self, name)} is under 8")
        if not 0 <= self.beta <= 1:
            raise SpecError(f"beta: {self.beta} is not from 0 to 1")

    @property
    def layers(self) -> int:
        """A head is no layer in ZenNAS's count."""
        return 0

    def ops(self) -> Op:
        """Return the op tree; it reads the pair (map, landmarks) unless only GP is on."""
        local = self._local()
        extras = ops.Unused(self._extras()) if self.extras else None
        if local is None:
            return sequence(extras, *self._global())
        if not self.gp:
            return sequence(extras, local)
        whole = sequence(ops.Region("whole"), *self._global())
        return sequence(extras, ops.Outputs((local, whole), (self.beta, 1 - self.beta)))

    def _local(self) -> Op | None:
        modules = []
        if self.lp:
            pairs = (cbam_pair(self.in_channels, self.lp_width, 2), self._lp_second())
            modules.append(self._regions("patch", PATCHES, pairs, 2 * self.lp_width))
        if self.ap:
            pair = cbam_pair(self.in_channels, self.ap_width, 2)
            modules.append(self._regions("window", WINDOWS, (pair,), self.ap_width))
        if not modules:
            return None
        joined = ops.Concat(tuple(modules))
        return sequence(joined, ops.Linear(len(modules) * self.features, self.out_channels))

    def _lp_second(self) -> Op:
        return cbam_pair(self.lp_width, 2 * self.lp_width, 1)

    def _regions(self, kind: str, count: int, body: tuple[Op, ...], width: int) -> Op:
        """Each region through blocks of its own, the means joined by a linear layer."""
        regions = (
            sequence(ops.Region(kind, index), *body, ops.GlobalMean())  # type: ignore[arg-type]
            for index in range(count)
        )
        joined = ops.Linear(count * width, self.features)
        return sequence(ops.Concat(tuple(regions)), ops.Flatten(), joined)

    def _global(self) -> tuple[Op, ...]:
        """Three one-shot stages; convolutions of 8, 9, 10 and joins of 16, 24, 32 eighths."""
        eighth = self.gp_width / 8
        into = self.in_channels
        stages: list[Op] = []
        for index in range(3):
            width, out = round((8 + index) * eighth), round((16 + 8 * index) * eighth)
            if index:
                stages.append(ops.MaxPool(3, 2, ceil=True))
            stages.append(one_shot_stage(into, width, out))
            into = out
        return (*stages, ops.GlobalMean(), ops.Flatten(), ops.Linear(into, self.out_channels))

    def _extras(self) -> Op:
        """What the published modules hold beside what they use: blocks, occlusion gates, heads."""
        wide, seconds = 2 * self.ap_width, cbam_pair(self.ap_width, 2 * self.ap_width, 1)
        joined = PATCHES * 2 * self.lp_width + WINDOWS * self.ap_width
        return sequence(
            *(seconds,) * WINDOWS,
            self._occlusion_gate(self.ap_width),
            self._occlusion_gate(wide),
            ops.Linear(self.features, self.out_channels),
            ops.Linear(self.features, self.out_channels),
            ops.Linear(joined, self.features),
            ops.Linear(self.features, self.out_channels),
        )

    def _occlusion_gate(self, width: int) -> Op:
        convs = (*conv_bn_relu(width, width // 2, 3), *conv_bn_relu(width // 2, width // 2, 3))
        return sequence(*convs, scalar_gate(width // 2))
