"""EMO-Net's block: MobileNet-V2's inverted residuals with attention and a weighted link.

Source: EMO-Net's published code; the residuals are those of Sandler et al., CVPR 2018,
arXiv:1801.04381, the attention is that of Wang et al., CVPR 2020, arXiv:1910.03151.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal

from nasfer.arch import ops
from nasfer.arch.block import Block, check_choice, register_block
from nasfer.arch.blocks.attention import (
    efficient_channel_attention,
    shuffle_attention,
    squeeze_excitation,
)
from nasfer.arch.blocks.conv import conv_bn
from nasfer.arch.ops import Op, sequence
from nasfer.errors import SpecError

Attention = Literal["none", "eca", "se", "sa"]

SE_REDUCTION = 16
SA_GROUPS = 4


def attention_gate(kind: Attention, channels: int) -> Op | None:
    """Return the attention of that name on so many channels; ``None`` for ``none``.

    Raises:
        SpecError: ``sa`` does not divide the channels.
    """
    match kind:
        case "eca":
            return efficient_channel_attention(channels)
        case "se":
            return squeeze_excitation(channels, SE_REDUCTION)
        case "sa":
            return shuffle_attention(channels, SA_GROUPS)
    return None


@lru_cache(maxsize=65536)
def inverted_residual(
    into: int,
    out: int,
    *,
    kernel: int,
    stride: int,
    expansion: int,
    attention: Attention,
    blend: float,
) -> Op:
    """``attention(bottleneck(x)) + blend * auxiliary(x)``, linear at its end.

    The auxiliary branch is the identity, or a 1 x 1 convolution with BN where shapes differ.
    """
    width = into * expansion
    expand = (*conv_bn(into, width, 1), ops.RELU6) if expansion > 1 else ()
    body = sequence(
        *expand,
        *conv_bn(width, width, kernel, stride, groups=width),
        ops.RELU6,
        *conv_bn(width, out, 1),
        attention_gate(attention, out),
    )
    if blend == 0:
        return body
    same = stride == 1 and into == out
    auxiliary = () if same else conv_bn(into, out, 1, stride)
    return ops.Residual(body, sequence(*auxiliary, ops.Times(blend)))


@register_block
@dataclass(frozen=True, slots=True)
class EmoStage(Block):
    """``repeats`` inverted residuals; the first has the stride.

    Args:
        expansion: how many times the depthwise convolution is wider than the input; 1 leaves the
            widening convolution out.
        attention: what gates the linear bottleneck's result: efficient channel attention,
            squeeze-and-excitation (reduction 16), shuffle attention (4 groups) or nothing.
        blend: weight of the auxiliary branch, the paper's lambda; 0 leaves the branch out.
    Example:
        >>> str(EmoStage(16, 24, kernel=3, stride=2, repeats=2, expansion=6, blend=0.6))
        'EmoResE6K3(16,24,2,2,blend=0.6)'
    """

    name_format: ClassVar[str] = "EmoResE{expansion}K{kernel}"
    arguments: ClassVar[tuple[str, ...]] = ("in_channels", "out_channels", "stride", "repeats")

    kernel: int
    stride: int
    repeats: int
    expansion: int
    attention: Attention = "eca"
    blend: float = 0.8

    def check(self) -> None:
        """Refuse an unknown attention, one that does not divide the channels, a bad weight."""
        check_choice("attention", self.attention, Attention)
        attention_gate(self.attention, self.out_channels)
        if not 0 <= self.blend < math.inf:
            raise SpecError(f"blend: {self.blend} is not a number from 0")

    def ops(self) -> Op:
        """Return the op tree."""
        residuals = []
        into, stride = self.in_channels, self.stride
        for _ in range(self.repeats):
            residuals.append(
                inverted_residual(
                    into,
                    self.out_channels,
                    kernel=self.kernel,
                    stride=stride,
                    expansion=self.expansion,
                    attention=self.attention,
                    blend=self.blend,
                )
            )
            into, stride = self.out_channels, 1
        return sequence(*residuals)
