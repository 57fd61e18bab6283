"""The ZenNAS super-blocks: a conv or residual pattern repeated ``repeats`` times.

Source: Lin et al., ICCV 2021, arXiv:2102.01063, as changed by ZenNet-SA (shortcuts with bias, no
forced projection but in ``SuperResK*K*``). Batch norms have eps 1e-3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import ClassVar

from nasfer.arch import ops
from nasfer.arch.block import Block, register_block
from nasfer.arch.blocks.attention import shuffle_attention, squeeze_excitation
from nasfer.arch.blocks.conv import conv_bn as plain_conv_bn
from nasfer.arch.ops import Op, sequence
from nasfer.errors import SpecError

BN_EPS = 1e-3


conv_bn = partial(plain_conv_bn, eps=BN_EPS)


def round_channels(channels: float) -> int:
    """Round to the nearest multiple of 8, at least 8; halves go up.

    Example:
        >>> [round_channels(c) for c in (1, 12, 19.9)]
        [8, 16, 16]
    """
    return max(8, int(channels / 8 + 0.5) * 8)


@register_block
@dataclass(frozen=True, slots=True)
class SuperConv(Block):
    """``repeats`` times conv k x k, BN, ReLU; the first has the stride.

    Example:
        >>> str(SuperConv(3, 8, kernel=3, stride=2, repeats=1))
        'SuperConvK3BNRELU(3,8,2,1)'
    """

    name_format: ClassVar[str] = "SuperConvK{kernel}BNRELU"
    arguments: ClassVar[tuple[str, ...]] = ("in_channels", "out_channels", "stride", "repeats")

    kernel: int
    stride: int
    repeats: int

    def ops(self) -> Op:
        """Return the op tree."""
        layers: list[Op] = []
        channels, stride = self.in_channels, self.stride
        for _ in range(self.repeats):
            layers += [*conv_bn(channels, self.out_channels, self.kernel, stride), ops.RELU]
            channels, stride = self.out_channels, 1
        return sequence(*layers)


def with_link(body: Op, into: int, out: int, stride: int, *, project: bool) -> Op:
    """Add the residual link: a biased 1 x 1 projection where shapes differ or ``project``."""
    shortcut = None
    if stride > 1 or into != out or project:
        conv = ops.Conv(into, out, kernel=1, stride=stride, bias=True)
        shortcut = sequence(conv, ops.BatchNorm(out, BN_EPS))
    return sequence(ops.Residual(body, shortcut), ops.RELU)


@lru_cache(maxsize=65536)
def basic_residual(
    into: int, width: int, out: int, kernel: int, stride: int, project: bool, se: int, sa: int
) -> Op:
    """Two k x k convolutions, into -> width -> out, attention between, link and ReLU."""
    body = sequence(
        *conv_bn(into, width, kernel, stride),
        ops.RELU,
        squeeze_excitation(width, se),
        shuffle_attention(width, sa),
        *conv_bn(width, out, kernel),
    )
    return with_link(body, into, out, stride, project=project)


@lru_cache(maxsize=65536)
def bottleneck_residual(
    into: int, width: int, out: int, kernel: int, stride: int,
    depthwise: bool, project: bool, se: int, sa: int,
) -> Op:  # fmt: skip
    """1 x 1 conv, k x k conv, attention, 1 x 1 conv, with BN and ReLU between; link and ReLU."""
    body = sequence(
        *conv_bn(into, width, 1),
        ops.RELU,
        *conv_bn(width, width, kernel, stride, groups=width if depthwise else 1),
        ops.RELU,
        squeeze_excitation(width, se),
        shuffle_attention(width, sa),
        *conv_bn(width, out, 1),
    )
    return with_link(body, into, out, stride, project=project)


@dataclass(frozen=True, slots=True)
class SuperRes(Block):
    """Shared fields of the residual super-blocks."""

    arguments: ClassVar[tuple[str, ...]] = (
        "in_channels", "out_channels", "stride", "bottleneck", "repeats",
    )  # fmt: skip

    kernel: int
    stride: int
    bottleneck: int
    repeats: int

    def check(self) -> None:
        """Refuse attention that does not divide the channels it would stand on."""
        if self.se < 0 or self.sa < 0:  # type: ignore[attr-defined]
            raise SpecError("se, sa: less than 0 (0 is off)")
        if self.sa:  # type: ignore[attr-defined]
            self.ops()


@register_block
@dataclass(frozen=True, slots=True)
class SuperResKK(SuperRes):
    """``repeats`` times one residual of two k x k convolutions, in -> bottleneck -> out.

    Its first residual always has a projection, as published (``project_first``).

    Example:
        >>> str(SuperResKK(8, 16, kernel=3, stride=2, bottleneck=8, repeats=1, sa=1))
        'SuperResK3K3(8,16,2,8,1,sa=1)'
    """

    name_format: ClassVar[str] = "SuperResK{kernel}K{kernel}"

    project_first: bool = True
    se: int = 0
    sa: int = 0

    def ops(self) -> Op:
        """Return the op tree."""
        width, out, kernel, se, sa = (
            self.bottleneck, self.out_channels, self.kernel, self.se, self.sa,
        )  # fmt: skip
        first = basic_residual(
            self.in_channels, width, out, kernel, self.stride, self.project_first, se, sa
        )
        again = basic_residual(out, width, out, kernel, 1, False, se, sa)
        return sequence(first, *(again,) * (self.repeats - 1))


@register_block
@dataclass(frozen=True, slots=True)
class SuperResK1KK1(SuperRes):
    """``repeats`` times two bottleneck residuals, the second from ``out`` to ``out``."""

    name_format: ClassVar[str] = "SuperResK1K{kernel}K1"

    project_first: bool = False
    se: int = 0
    sa: int = 0

    def ops(self) -> Op:
        """Return the op tree."""
        width, out, kernel, se, sa = (
            self.bottleneck, self.out_channels, self.kernel, self.se, self.sa,
        )  # fmt: skip
        first = bottleneck_residual(
            self.in_channels, width, out, kernel, self.stride, False, self.project_first, se, sa
        )
        again = bottleneck_residual(out, width, out, kernel, 1, False, False, se, sa)
        return sequence(first, *(again,) * (2 * self.repeats - 1))


@register_block
@dataclass(frozen=True, slots=True)
class SuperResIDW(SuperRes):
    """``repeats`` times two inverted residuals with depthwise convolutions, via ``bottleneck``.

    The first expands the bottleneck ``expansion`` times, the second ``out_channels`` as often.
    """

    name_format: ClassVar[str] = "SuperResIDWE{expansion}K{kernel}"

    expansion: int
    project_first: bool = False
    se: int = 0
    sa: int = 0

    def ops(self) -> Op:
        """Return the op tree."""
        first = self._pair(self.in_channels, self.stride, project=self.project_first)
        if self.repeats == 1:
            return sequence(*first)
        again = self._pair(self.out_channels, 1, project=False)
        return sequence(*first, *again * (self.repeats - 1))

    def _pair(self, into: int, stride: int, *, project: bool) -> tuple[Op, Op]:
        """Return the residual to the bottleneck and the one from it to the output."""
        middle, out, factor = self.bottleneck, self.out_channels, self.expansion
        kernel, se, sa = self.kernel, self.se, self.sa
        narrow, wide = round_channels(middle * factor), round_channels(out * factor)
        return (
            bottleneck_residual(into, narrow, middle, kernel, stride, True, project, se, sa),
            bottleneck_residual(middle, wide, out, kernel, 1, True, False, se, sa),
        )
