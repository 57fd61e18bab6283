"""Peak activation memory of one forward pass, from the op tree."""

from __future__ import annotations

from functools import singledispatch

from nasfer.arch import ops
from nasfer.arch.ops import Op, Shape
from nasfer.arch.parts import children
from nasfer.arch.shapes import no_rule, output_shape

BYTES_PER_VALUE = 4
"""Activations are float32."""

IN_PLACE = (
    ops.BatchNorm, ops.GroupNorm, ops.Activation, ops.ChannelAffine, ops.Scale, ops.Flatten,
    ops.Unflatten, ops.Dropout, ops.Times, ops.LayerNorm, ops.Softmax, ops.StochasticDepth,
    ops.Unused,
)  # fmt: skip
"""Leaves that can overwrite their input, or are fused into the convolution before them."""

READ_AND_WRITE = (
    ops.AdaptiveMean, ops.ChannelConv, ops.ChannelMax, ops.ChannelMean, ops.Conv, ops.GlobalMax,
    ops.GlobalMean, ops.Linear, ops.MaxPool, ops.Region, ops.RepeatChannels, ops.Resize,
    ops.Shuffle, ops.SumGroups,
)  # fmt: skip
"""Leaves whose input and output are alive at once."""

CHAINS = (ops.Sequence, ops.Fold, ops.Resized)
"""Combinators whose parts run one after the other, each on what the one before it wrote."""

BRANCHES = (
    ops.Concat, ops.Gate, ops.Outputs, ops.Product, ops.Quadrants, ops.Residual, ops.Split, ops.Sum,
)  # fmt: skip
"""Combinators whose parts all read the input, which is held while they run."""


def peak_activation_bytes(op: Op, shape: Shape) -> int:
    """Return the most bytes of activations alive at once while ``op`` runs on one image.

    A leaf holds its input and its output (norms and activations work in place); a residual, gate
    or branch holds the shared input, and the results of earlier branches, while the next one runs.
    Weights and workspaces are not counted.

    Raises:
        SpecError: an operation has no rule here.
    Example:
        >>> tree = ops.Residual(ops.sequence(ops.Conv(8, 8, kernel=3), ops.RELU))
        >>> peak_activation_bytes(tree, Shape(8, 4, 4))  # input held + output
        1024
    """
    return BYTES_PER_VALUE * peak_values(op, shape, keep=False)


@singledispatch
def peak_values(op: Op, shape: Shape, *, keep: bool) -> int:
    """Return the most values alive at once, the input among them.

    Args:
        op: the operation.
        shape: of its input.
        keep: whether the input is needed afterwards, too.
    Raises:
        SpecError: the operation has no rule here.
    """
    raise no_rule(op, "memory", "nasfer.costs.memory.peak_values")


def _in_place(op: Op, shape: Shape, *, keep: bool) -> int:
    return shape.numel * (2 if keep else 1)


def _read_and_written(op: Op, shape: Shape, *, keep: bool) -> int:
    return shape.numel + output_shape(op, shape).numel


def _branches(op: Op, shape: Shape, *, keep: bool) -> int:
    steps = list(children(op, shape))
    input_joins = len(steps) == 1  # a gate multiplies it, an identity shortcut adds it
    done = peak = 0
    for index, (_, child, into) in enumerate(steps):
        later = keep or input_joins or index < len(steps) - 1
        own = shape.numel - into.numel + peak_values(child, into, keep=later)
        peak = max(peak, done + own)
        done += output_shape(child, into).numel
    concatenates = isinstance(op, ops.Split | ops.Concat | ops.Quadrants)
    return max(peak, 2 * done + (shape.numel if keep else 0)) if concatenates else peak


def _chain(op: Op, shape: Shape, *, keep: bool) -> int:
    peak, held = shape.numel, 0
    for index, (_, child, into) in enumerate(children(op, shape)):
        first = index == 0
        peak = max(peak, held + peak_values(child, into, keep=keep and first))
        held = shape.numel if keep else 0
    return peak


for _kinds, _rule in (
    (IN_PLACE, _in_place),
    (READ_AND_WRITE, _read_and_written),
    (CHAINS, _chain),
    (BRANCHES, _branches),
):
    for _kind in _kinds:
        peak_values.register(_kind, _rule)
