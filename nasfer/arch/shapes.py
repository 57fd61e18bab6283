"""Shapes through the op tree: the fold on which all other readers stand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch

from nasfer.arch import ops
from nasfer.arch.ops import Op, Shape
from nasfer.errors import SpecError

Leaf = tuple[str, Op, Shape, Shape]
"""A leaf's dotted path (as in the torch module), the leaf, its input and its output shape."""


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
    folded = output_shape(op.body, _fold(op, shape))
    return folded._replace(channels=folded.channels * op.groups, copies=folded.copies // op.groups)


def _fold(op: ops.Fold, shape: Shape) -> Shape:
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


def _quadrants(op: ops.Quadrants, shape: Shape) -> list[Shape]:
    top, left = (quadrant_cut(size, op.stride) for size in (shape.height, shape.width))
    return [
        shape._replace(height=height, width=width)
        for width in (left, shape.width - left)
        for height in (top, shape.height - top)
    ]


@output_shape.register
def _(op: ops.Quadrants, shape: Shape) -> Shape:
    top_left, bottom_left, top_right, _ = (
        output_shape(branch, part) for branch, part in zip(op.branches, _quadrants(op, shape))
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


def children(op: Op, shape: Shape) -> Iterator[tuple[str, Op, Shape]]:
    """Yield each child of a combinator: its name in the torch module, itself, its input shape.

    The names are those of the state dict, so that a table's rows and a checkpoint's keys agree.
    """
    match op:
        case ops.Sequence():
            for index, child in enumerate(op.children):
                yield str(index), child, shape
                shape = output_shape(child, shape)
        case ops.Residual():
            yield "body", op.body, shape
            if op.shortcut is not None:
                yield "shortcut", op.shortcut, shape
        case ops.Gate():
            yield "body", op.body, shape
        case ops.Fold():
            yield "body", op.body, _fold(op, shape)
        case ops.Sum() | ops.Product() | ops.Concat():
            for index, branch in enumerate(op.branches):
                yield f"branches.{index}", branch, shape
        case ops.Split():
            part = shape._replace(channels=shape.channels // len(op.branches))
            for index, branch in enumerate(op.branches):
                yield f"branches.{index}", branch, part
        case ops.Quadrants():
            for index, (branch, part) in enumerate(zip(op.branches, _quadrants(op, shape))):
                yield f"branches.{index}", branch, part
        case ops.Resized():
            yield "body", op.body, shape
            yield "resize", ops.Resize(shape.height, shape.width), output_shape(op.body, shape)
        case ops.Outputs():
            for index, branch in enumerate(op.branches):
                yield f"branches.{index}", branch, shape
        case _:
            raise no_rule(op, "children", "nasfer.arch.shapes.children")


COMBINATORS = (
    ops.Sequence, ops.Residual, ops.Gate, ops.Fold, ops.Sum, ops.Product, ops.Concat, ops.Split,
    ops.Quadrants, ops.Resized, ops.Outputs,
)  # fmt: skip


def leaves(op: Op, shape: Shape, path: str = "") -> Iterator[Leaf]:
    """Yield every leaf of the tree in order of execution, with the shapes it reads and writes.

    Example:
        >>> tree = ops.sequence(ops.Conv(3, 8, kernel=3, stride=2), ops.RELU)
        >>> [(path, tuple(out)[:3]) for path, leaf, into, out in leaves(tree, Shape(3, 9, 9))]
        [('0', (8, 5, 5)), ('1', (8, 5, 5))]
    """
    if not isinstance(op, COMBINATORS):
        yield path, op, shape, output_shape(op, shape)
        return
    for name, child, child_shape in children(op, shape):
        yield from leaves(child, child_shape, f"{path}.{name}" if path else name)
