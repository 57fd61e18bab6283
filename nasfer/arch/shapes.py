"""Shapes through the op tree: the fold on which all other readers stand."""

from __future__ import annotations

from functools import singledispatch

from nasfer.arch import ops
from nasfer.arch.ops import Op, Shape
from nasfer.errors import SpecError


@singledispatch
def output_shape(op: Op, shape: Shape) -> Shape:
    """Return the shape that ``op`` makes of ``shape``.

    Raises:
        SpecError: the operation has no rule here, or its input is too small for it.
    Example:
        >>> output_shape(ops.Conv(3, 8, kernel=3, stride=2), Shape(3, 97, 48))
        Shape(channels=8, height=49, width=24, copies=1)
    """
    raise no_rule(op, "shape", "nasfer.arch.shapes.output_shape")


def no_rule(op: Op, what: str, reader: str) -> SpecError:
    """Return the error of an operation that a reader of the tree does not know.

    Args:
        op: the operation.
        what: the reader gives, in a word.
        reader: where a rule is registered.
    """
    return SpecError(f"{type(op).__name__}: no rule for its {what}; {reader} needs one")


KEEPS_SHAPE = (
    ops.Activation, ops.BatchNorm, ops.ChannelAffine, ops.ChannelConv, ops.Dropout, ops.Flatten,
    ops.Gate, ops.GroupNorm, ops.LayerNorm, ops.Scale, ops.Shuffle, ops.Softmax,
    ops.StochasticDepth, ops.Times, ops.Unflatten, ops.Unused,
)  # fmt: skip
"""Operations that write what they read, value by value or in another order."""


def _kept(op: Op, shape: Shape) -> Shape:
    return shape


for _kind in KEEPS_SHAPE:
    output_shape.register(_kind, _kept)


@output_shape.register
def _(op: ops.Conv, shape: Shape) -> Shape:
    reach = op.dilation * (op.kernel - 1) + 1
    grown = 2 * op.pad - reach
    height = (shape.height + grown) // op.stride + 1
    width = (shape.width + grown) // op.stride + 1
    return _not_empty(op, shape, Shape(op.out_channels, height, width, shape.copies))


def _not_empty(op: ops.Conv | ops.MaxPool, shape: Shape, out: Shape) -> Shape:
    if out.height < 1 or out.width < 1:
        raise SpecError(
            f"a map of {shape.height} x {shape.width} cells is too small for"
            f" {type(op).__name__} {op.kernel} x {op.kernel}"
        )
    return out


@output_shape.register
def _(op: ops.Linear, shape: Shape) -> Shape:
    return shape._replace(channels=op.out_features)


@output_shape.register
def _(op: ops.GlobalMean, shape: Shape) -> Shape:
    return shape._replace(height=1, width=1)


@output_shape.register
def _(op: ops.Sequence, shape: Shape) -> Shape:
    for child in op.children:
        shape = output_shape(child, shape)
    return shape


@output_shape.register
def _(op: ops.Residual, shape: Shape) -> Shape:
    return output_shape(op.body, shape)


@output_shape.register
def _(op: ops.MaxPool, shape: Shape) -> Shape:
    height, width = _pooled(op, shape.height), _pooled(op, shape.width)
    return _not_empty(op, shape, shape._replace(height=height, width=width))


def _pooled(op: ops.MaxPool, size: int) -> int:
    reach = size + 2 * op.padding - op.kernel
    out = (-(-reach // op.stride) if op.ceil else reach // op.stride) + 1
    starts_outside = (out - 1) * op.stride >= size + op.padding
    return out - 1 if op.ceil and starts_outside else out  # torch's rule for the last window


@output_shape.register
def _(op: ops.Sum, shape: Shape) -> Shape:
    return output_shape(op.branches[0], shape)


@output_shape.register
def _(op: ops.Product, shape: Shape) -> Shape:
    shapes = [output_shape(branch, shape) for branch in op.branches]
    return Shape(*(max(sizes) for sizes in zip(*shapes)))  # broadcast


@output_shape.register
def _(op: ops.Concat, shape: Shape) -> Shape:
    shapes = [output_shape(branch, shape) for branch in op.branches]
    return shapes[0]._replace(channels=sum(part.channels for part in shapes))


@output_shape.register
def _(op: ops.Split, shape: Shape) -> Shape:
    part = shape._replace(channels=shape.channels // len(op.branches))
    parts = [output_shape(branch, part) for branch in op.branches]
    return parts[0]._replace(channels=sum(p.channels for p in parts))


@output_shape.register
def _(op: ops.Fold, shape: Shape) -> Shape:
    out = output_shape(op.body, folded(op, shape))
    return out._replace(channels=out.channels * op.groups, copies=out.copies // op.groups)


def folded(op: ops.Fold, shape: Shape) -> Shape:
    """Return what the body of a fold reads."""
    return shape._replace(channels=shape.channels // op.groups, copies=shape.copies * op.groups)


def quadrant_cut(size: int, stride: int) -> int:
    """Return where `ops.Quadrants` cuts an axis: so many cells come first.

    Raises:
        SpecError: the axis is too short, a part would be empty.
    Example:
        >>> [quadrant_cut(size, stride=2) for size in (56, 54, 25, 3)]
        [28, 28, 12, 2]
    """
    cut = (size + stride) // (2 * stride) * stride
    if not 0 < cut < size:
        raise SpecError(f"a map of {size} cells cannot be cut in two at a multiple of {stride}")
    return cut


def quadrants(op: ops.Quadrants, shape: Shape) -> list[Shape]:
    """Return what each branch of a cut map reads."""
    top, left = (quadrant_cut(size, op.stride) for size in (shape.height, shape.width))
    return [
        shape._replace(height=height, width=width)
        for width in (left, shape.width - left)
        for height in (top, shape.height - top)
    ]


@output_shape.register
def _(op: ops.Quadrants, shape: Shape) -> Shape:
    top_left, bottom_left, top_right, _ = (
        output_shape(branch, part) for branch, part in zip(op.branches, quadrants(op, shape))
    )
    return top_left._replace(
        height=top_left.height + bottom_left.height, width=top_left.width + top_right.width
    )


@output_shape.register
def _(op: ops.AdaptiveMean, shape: Shape) -> Shape:
    return shape._replace(height=op.size, width=op.size)


@output_shape.register
def _(op: ops.GlobalMax, shape: Shape) -> Shape:
    return shape._replace(height=1, width=1)


@output_shape.register(ops.ChannelMean)
@output_shape.register(ops.ChannelMax)
def _(op: ops.ChannelMean | ops.ChannelMax, shape: Shape) -> Shape:
    return shape._replace(channels=1)


@output_shape.register
def _(op: ops.RepeatChannels, shape: Shape) -> Shape:
    return shape._replace(channels=sum(op.counts))


@output_shape.register
def _(op: ops.SumGroups, shape: Shape) -> Shape:
    return shape._replace(channels=shape.channels // op.groups)


@output_shape.register
def _(op: ops.Resize, shape: Shape) -> Shape:
    return shape._replace(height=op.height, width=op.width)


@output_shape.register
def _(op: ops.Region, shape: Shape) -> Shape:
    if op.kind == "whole":
        return shape
    side = op.side(shape.height, shape.width)
    return shape._replace(height=side, width=side)


@output_shape.register
def _(op: ops.Resized, shape: Shape) -> Shape:
    return output_shape(op.body, shape)._replace(height=shape.height, width=shape.width)


@output_shape.register
def _(op: ops.Outputs, shape: Shape) -> Shape:
    return output_shape(op.branches[0], shape)
