"""One plain convolution with batch norm and activation: stems and last layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from nasfer.arch import ops
from nasfer.arch.block import Block, check_choice, register_block
from nasfer.arch.ops import Op, sequence

Nonlinearity = Literal["relu", "relu6", "hardswish", "silu"]
"""What blocks may put behind a batch norm. The closed-form score covers the first two."""

_NONLINEARITIES = {kind: ops.Activation(kind) for kind in get_args(Nonlinearity)}


def activation(kind: Nonlinearity) -> Op:
    """Return the activation of that name."""
    return _NONLINEARITIES[kind]


def conv_bn(
    in_channels: int,
    out_channels: int,
    kernel: int,
    stride: int = 1,
    *,
    groups: int = 1,
    bias: bool = False,
    eps: float = 1e-5,
) -> tuple[Op, Op]:
    """Return a convolution and its batch norm."""
    conv = ops.Conv(in_channels, out_channels, kernel, stride, groups, bias)
    return conv, ops.BatchNorm(out_channels, eps)


@register_block
@dataclass(frozen=True, slots=True)
class ConvBN(Block):
    """Conv k x k, BN, activation, and a 3 x 3 max-pool of stride 2 where ``pool``.

    Example:
        >>> str(ConvBN(3, 29, kernel=3, stride=2, pool=True))
        'ConvK3BN(3,29,2,pool=1)'
    """

    name_format: ClassVar[str] = "ConvK{kernel}BN"
    arguments: ClassVar[tuple[str, ...]] = ("in_channels", "out_channels", "stride")

    kernel: int
    stride: int
    activation: Nonlinearity = "relu"
    pool: bool = False

    def check(self) -> None:
        """Refuse an unknown activation."""
        check_choice("activation", self.activation, Nonlinearity)

    def ops(self) -> Op:
        """Return the op tree."""
        return sequence(
            *conv_bn(self.in_channels, self.out_channels, self.kernel, self.stride),
            activation(self.activation),
            ops.MaxPool(kernel=3, stride=2, padding=1) if self.pool else None,
        )
