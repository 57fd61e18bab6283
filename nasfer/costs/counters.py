"""How much one operation costs: a table from operation to counter, exact integers for one image.

FLOPs are counted as fvcore 0.1.5 counts them in eval mode, and so as the papers print them: one
multiply-add is one; a batch norm 2 a value, a group or layer norm 5, adaptive pooling 1 a value
read, bilinear resizing 4 a value written; activations, sums and products are free. MACs are the
multiply-adds of convolutions and linears.
"""

from __future__ import annotations

from functools import singledispatch
from typing import NamedTuple

from nasfer.arch import ops
from nasfer.arch.ops import Op, Shape
from nasfer.arch.parts import COMBINATORS
from nasfer.arch.shapes import no_rule


class Counts(NamedTuple):
    """Parameters, FLOPs and MACs of one operation on one image."""

    params: int = 0
    flops: int = 0
    macs: int = 0


FREE = Counts()


@singledispatch
def count(op: Op, into: Shape, out: Shape) -> Counts:
    """Return what an operation costs by itself; what a combinator joins is counted at its parts.

    Args:
        into: shape that the leaf reads.
        out: shape that it writes.
    Raises:
        SpecError: the operation has no rule here.
    Example:
        >>> count(ops.Conv(3, 8, kernel=3, bias=True), Shape(3, 4, 4), Shape(8, 4, 4))
        Counts(params=224, flops=3456, macs=3456)
        >>> count(ops.BatchNorm(8), Shape(8, 4, 4), Shape(8, 4, 4))
        Counts(params=16, flops=256, macs=0)
    """
    raise no_rule(op, "cost", "nasfer.costs.counters.count")


COSTS_NOTHING = (
    ops.Activation, ops.ChannelMax, ops.ChannelMean, ops.Dropout, ops.Flatten, ops.GlobalMax,
    ops.MaxPool, ops.Region, ops.RepeatChannels, ops.Shuffle, ops.Softmax, ops.StochasticDepth,
    ops.SumGroups, ops.Times, ops.Unflatten, *COMBINATORS,
)  # fmt: skip
"""Operations without parameters that fvcore does not count."""


def _free(op: Op, into: Shape, out: Shape) -> Counts:
    return FREE


for _kind in COSTS_NOTHING:
    count.register(_kind, _free)


@count.register
def _(op: ops.Conv, into: Shape, out: Shape) -> Counts:
    taps = op.in_channels // op.groups * op.kernel**2
    macs = out.numel * taps
    return Counts(op.out_channels * (taps + op.bias), macs, macs)


@count.register
def _(op: ops.Linear, into: Shape, out: Shape) -> Counts:
    weights = op.in_features * op.out_features
    macs = weights * into.copies
    return Counts(weights + op.out_features * op.bias, macs, macs)


@count.register
def _(op: ops.BatchNorm, into: Shape, out: Shape) -> Counts:
    return Counts(params=2 * op.channels, flops=2 * into.numel)


@count.register
def _(op: ops.GroupNorm, into: Shape, out: Shape) -> Counts:
    return Counts(params=2 * op.channels, flops=5 * into.numel)


@count.register
def _(op: ops.GlobalMean, into: Shape, out: Shape) -> Counts:
    return Counts(flops=into.numel) if op.pooled else FREE


@count.register
def _(op: ops.ChannelAffine, into: Shape, out: Shape) -> Counts:
    return Counts(params=2 * op.channels)


@count.register
def _(op: ops.Scale, into: Shape, out: Shape) -> Counts:
    return Counts(params=1)


@count.register
def _(op: ops.ChannelConv, into: Shape, out: Shape) -> Counts:
    macs = out.numel * op.kernel
    return Counts(op.kernel, macs, macs)


@count.register
def _(op: ops.LayerNorm, into: Shape, out: Shape) -> Counts:
    return Counts(params=2 * op.channels, flops=5 * into.numel)


@count.register
def _(op: ops.AdaptiveMean, into: Shape, out: Shape) -> Counts:
    return Counts(flops=into.numel)


@count.register
def _(op: ops.Resize, into: Shape, out: Shape) -> Counts:
    return Counts(flops=4 * out.numel)


@count.register
def _(op: ops.Unused, into: Shape, out: Shape) -> Counts:
    return Counts(params=sum(count(part, into, out).params for part in ops.walk(op.body)))
