"""Heads: what turns the last map into logits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nasfer.arch import ops
from nasfer.arch.block import Block, check_rate, register_block
from nasfer.arch.blocks.attention import shuffle_attention
from nasfer.arch.ops import Op, sequence
from nasfer.errors import SpecError


@register_block
@dataclass(frozen=True, slots=True)
class Head(Block):
    """Global mean and a linear layer, with shuffle attention between them where ``sa`` is not 0.

    The refined mean is ``s1 * SA(x) + s2 * x`` with learnt scalars (ZenNet-SA, ``sa=8``). As
    published, its group norm has one value a group, which is its own mean: what the norm writes is
    rounding divided by ``sqrt(eps)``, beside the bias, and follows the number of threads.

    Args:
        sa: groups of the shuffle attention; 0 is off.
        dropout: rate before the linear layer.
        pooled: whether the published code writes the mean as adaptive pooling, which fvcore counts.

    Example:
        >>> str(Head(2048, 8, sa=8))
        'Head(2048,8,sa=8)'
    """

    name_format: ClassVar[str] = "Head"
    arguments: ClassVar[tuple[str, ...]] = ("in_channels", "out_channels")
    is_head: ClassVar[bool] = True

    sa: int = 0
    dropout: float = 0.0
    pooled: bool = True

    def check(self) -> None:
        """Refuse attention that does not divide the channels, and rates outside [0, 1)."""
        if self.sa < 0:
            raise SpecError("sa: less than 0 (0 is off)")
        check_rate("dropout", self.dropout)
        self.ops()

    @property
    def layers(self) -> int:
        """A head is no layer in ZenNAS's count."""
        return 0

    def ops(self) -> Op:
        """Return the op tree."""
        refine = None
        attention = shuffle_attention(self.in_channels, self.sa)
        if attention is not None:
            refine = ops.Sum((sequence(attention, ops.Scale()), ops.Scale()))
        return sequence(
            ops.GlobalMean(self.pooled),
            refine,
            ops.Flatten(),
            ops.Dropout(self.dropout) if self.dropout else None,
            ops.Linear(self.in_channels, self.out_channels),
        )
