"""The inverted residual of MobileNet-V2 and those after it, plain; and the layer that passes.

Source: Sandler et al., CVPR 2018, arXiv:1801.04381; with squeeze-and-excitation Tan et al., CVPR
2019, arXiv:1807.11626, and Tan and Le, ICML 2019, arXiv:1905.11946; with hard-swish Howard et al.,
ICCV 2019, arXiv:1905.02244.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from nasfer.arch import ops
from nasfer.arch.block import Block, check_choice, register_block
from nasfer.arch.blocks.attention import excitation
from nasfer.arch.blocks.conv import Nonlinearity, activation, conv_bn
from nasfer.arch.ops import Op, sequence
from nasfer.errors import SpecError

_HARD_SIGMOID = ops.Activation("hard_sigmoid")


def _gate(width: int, into: int, se_ratio: float, kind: Nonlinearity) -> Op | None:
    """Return the gate of the widened channels; ``None`` where the ratio is 0.

    Its own nonlinearities are those published beside the block's: ReLU and sigmoid (MnasNet), SiLU
    and sigmoid (EfficientNet), ReLU and hard sigmoid (MobileNet-V3).
    """
    if se_ratio == 0:
        return None
    squeezed = max(1, int(into * se_ratio))
    match kind:
        case "silu":
            return excitation(width, squeezed, ops.Activation("silu"))
        case "hardswish":
            return excitation(width, squeezed, ops.RELU, _HARD_SIGMOID)
    return excitation(width, squeezed)


@lru_cache(maxsize=65536)
def mobile_residual(
    into: int, out: int, kernel: int, stride: int, expansion: int, se_ratio: float,
    kind: Nonlinearity,
) -> Op:  # fmt: skip
    """1 x 1 conv, depthwise conv, gate, linear 1 x 1 conv; a link where shapes agree."""
    width = into * expansion
    body = sequence(
        *((*conv_bn(into, width, 1), activation(kind)) if expansion > 1 else ()),
        *conv_bn(width, width, kernel, stride, groups=width),
        activation(kind),
        _gate(width, into, se_ratio, kind),
        *conv_bn(width, out, 1),
    )
    return sequence(ops.Residual(body)) if stride == 1 and into == out else body


@register_block
@dataclass(frozen=True, slots=True)
class MBConv(Block):
    """``repeats`` inverted residuals; the first has the stride.

    Each widens its input ``expansion`` times by a 1 x 1 convolution, convolves depthwise, gates and
    projects by a linear 1 x 1 convolution; what shapes allow has an identity link.

    Args:
        expansion: 1 leaves the widening convolution out.
        se_ratio: squeezed channels of the squeeze-and-excitation gate for each channel that the
            residual *reads* (not of the widened ones), from 0 to 1; 0 leaves the gate out, 0.25 is
            usual.
        activation: behind both convolutions that have one; the closed-form score knows ``relu`` and
            ``relu6``.
    Example:
        >>> str(MBConv(16, 24, kernel=3, stride=2, repeats=2, expansion=6, se_ratio=0.25))
        'MBConvE6K3(16,24,2,2,se_ratio=0.25)'
    """

    name_format: ClassVar[str] = "MBConvE{expansion}K{kernel}"
    arguments: ClassVar[tuple[str, ...]] = ("in_channels", "out_channels", "stride", "repeats")

    kernel: int
    stride: int
    repeats: int
    expansion: int
    se_ratio: float = 0.0
    activation: Nonlinearity = "relu"

    def check(self) -> None:
        """Refuse an unknown activation, and a ratio outside 0 to 1."""
        check_choice("activation", self.activation, Nonlinearity)
        if not 0 <= self.se_ratio <= 1:
            raise SpecError(f"se_ratio: {self.se_ratio} is not from 0 to 1")

    def ops(self) -> Op:
        """Return the op tree."""
        out, shared = self.out_channels, (self.expansion, self.se_ratio, self.activation)
        first = mobile_residual(self.in_channels, out, self.kernel, self.stride, *shared)
        again = mobile_residual(out, out, self.kernel, 1, *shared) if self.repeats > 1 else first
        return sequence(first, *(again,) * (self.repeats - 1))


@register_block
@dataclass(frozen=True, slots=True)
class Identity(Block):
    """A layer that passes what it reads: the choice "no layer here" of benchmarks' spaces.

    Where it has to change the size of the map or the channels it is a 1 x 1 convolution with batch
    norm, linear.

    Example:
        >>> str(Identity(32, 64, stride=2)), Identity(32, 64, stride=2).layers
        ('Identity(32,64,2)', 1)
        >>> Identity(64, 64, stride=1).layers
        0
    """

    name_format: ClassVar[str] = "Identity"
    arguments: ClassVar[tuple[str, ...]] = ("in_channels", "out_channels", "stride")

    stride: int

    @property
    def layers(self) -> int:
        """1 where it convolves, else 0."""
        return int(self.stride > 1 or self.in_channels != self.out_channels)

    def ops(self) -> Op:
        """Return the op tree."""
        if not self.layers:
            return sequence()
        return sequence(*conv_bn(self.in_channels, self.out_channels, 1, self.stride))
