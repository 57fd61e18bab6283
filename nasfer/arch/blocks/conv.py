"""One plain convolution with batch norm and activation: stems and last layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from nasfer.arch import ops
from nasfer.arch.block import Block, register_block
from nasfer.arch.ops import Op, sequence
from nasfer.errors import SpecError

Rectifier = Literal["relu", "relu6"]


def conv_bn(
    in_channels: int, out_channels: int, kernel: int, stride: int = 1, *, groups: int = 1
) -> tuple[Op, Op]:
    """Return a convolution without bias and its batch norm, of torch's eps."""
    conv = ops.Conv(in_channels, out_channels, kernel, stride, groups)
    return conv, ops.BatchNorm(out_channels)


def check_word(name: str, value: str, words: tuple[str, ...]) -> None:
    """Refuse a word that a field does not know.

    Raises:
        SpecError: ``value`` is not one of ``words``.
    """
    if value not in words:
        raise SpecError(f"{name}: {value!r} is not one of {', '.join(words)}")


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
    activation: Rectifier = "relu"
    pool: bool = False

    def check(self) -> None:
        """Refuse an unknown activation."""
        check_word("activation", self.activation, get_args(Rectifier))

    def ops(self) -> Op:
        """Return the op tree."""
        return sequence(
            *conv_bn(self.in_channels, self.out_channels, self.kernel, self.stride),
            ops.Activation(self.activation),
            ops.MaxPool(kernel=3, stride=2, padding=1) if self.pool else None,
        )
