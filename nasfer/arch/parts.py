"""The parts of an op tree: each with its name in the torch module and the shape that it reads."""

from __future__ import annotations

from collections.abc import Iterator

from nasfer.arch import ops
from nasfer.arch.arch import Arch
from nasfer.arch.ops import Op, Shape
from nasfer.arch.shapes import folded, no_rule, output_shape, quadrants

Leaf = tuple[str, Op, Shape, Shape]
"""A leaf's dotted path (as in the torch module), the leaf, its input and its output shape."""


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
            yield "body", op.body, folded(op, shape)
        case ops.Sum() | ops.Product() | ops.Concat():
            for index, branch in enumerate(op.branches):
                yield f"branches.{index}", branch, shape
        case ops.Split():
            part = shape._replace(channels=shape.channels // len(op.branches))
            for index, branch in enumerate(op.branches):
                yield f"branches.{index}", branch, part
        case ops.Quadrants():
            for index, (branch, part) in enumerate(zip(op.branches, quadrants(op, shape))):
                yield f"branches.{index}", branch, part
        case ops.Resized():
            yield "body", op.body, shape
            yield "resize", ops.Resize(shape.height, shape.width), output_shape(op.body, shape)
        case ops.Outputs():
            for index, branch in enumerate(op.branches):
                yield f"branches.{index}", branch, shape
        case _:
            raise no_rule(op, "children", "nasfer.arch.parts.children")


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


def reads_landmarks(arch: Arch) -> bool:
    """Whether a network reads landmarks beside images: its head cuts regions out of the map.

    Example:
        >>> from nasfer.arch import parse_arch
        >>> reads_landmarks(parse_arch("SuperConvK3BNRELU(3,8,2,1)"))
        False
    """
    return any(isinstance(op, ops.Region) for op in ops.walk(arch.head.ops()))
