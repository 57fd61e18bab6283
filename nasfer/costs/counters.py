"""How much one operation costs: a table from operation to counter, exact integers for one image.

FLOPs are counted as fvcore 0.1.5 counts them in eval mode, and so as the papers print them: one
multiply-add is one; a batch norm 2 a value, a group norm 5, adaptive pooling 1 a value read;
activations, sums and products are free. MACs are the multiply-adds of convolutions and linears.
"""

from __future__ import annotations

from functools import singledispatch

from nasfer.arch import ops
from nasfer.arch.ops import Op, Shape


@singledispatch
def count_params(op: Op) -> int:
    """Return the trainable parameters of a leaf.

    Example:
        >>> count_params(ops.Conv(3, 8, kernel=3, bias=True))
        224
    """
    return 0


@count_params.register
def _(op: ops.Conv) -> int:
    weights = op.out_channels * (op.in_channels // op.groups) * op.kernel**2
    return weights + (op.out_channels if op.bias else 0)


@count_params.register
def _(op: ops.Linear) -> int:
    return op.in_features * op.out_features + (op.out_features if op.bias else 0)


@count_params.register(ops.BatchNorm)
@count_params.register(ops.GroupNorm)
@count_params.register(ops.ChannelAffine)
def _(op: ops.BatchNorm | ops.GroupNorm | ops.ChannelAffine) -> int:
    return 2 * op.channels


@count_params.register
def _(op: ops.Scale) -> int:
    return 1


@singledispatch
def count_macs(op: Op, into: Shape, out: Shape) -> int:
    """Return the multiply-adds of a convolution or linear layer, 0 for any other leaf."""
    return 0


@count_macs.register
def _(op: ops.Conv, into: Shape, out: Shape) -> int:
    return out.numel * (op.in_channels // op.groups) * op.kernel**2


@count_macs.register
def _(op: ops.Linear, into: Shape, out: Shape) -> int:
    return op.in_features * op.out_features


@singledispatch
def count_flops(op: Op, into: Shape, out: Shape) -> int:
    """Return fvcore's count of a leaf.

    Example:
        >>> shape = Shape(8, 4, 4)
        >>> count_flops(ops.BatchNorm(8), shape, shape)
        256
    """
    return count_macs(op, into, out)


@count_flops.register
def _(op: ops.BatchNorm, into: Shape, out: Shape) -> int:
    return 2 * into.numel


@count_flops.register
def _(op: ops.GroupNorm, into: Shape, out: Shape) -> int:
    return 5 * into.numel


@count_flops.register
def _(op: ops.GlobalMean, into: Shape, out: Shape) -> int:
    return into.numel
