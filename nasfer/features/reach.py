"""How far a cell of the last map looks into the image: the receptive field, as a fold."""

from __future__ import annotations

from typing import NamedTuple

from nasfer.arch import ops
from nasfer.arch.ops import Op


class Reach(NamedTuple):
    """How a part of a network widens what a cell sees.

    Args:
        growth: cells of the part's input that a cell of its output reads beside one, per axis.
        stride: cells of its input between two neighbours of its output.
    """

    growth: int = 0
    stride: int = 1

    def then(self, later: Reach) -> Reach:
        """Return the reach of this part and a later one.

        Example:
            >>> Reach(2, 2).then(Reach(2, 1))
            Reach(growth=6, stride=2)
        """
        return Reach(self.growth + self.stride * later.growth, self.stride * later.stride)


def reach(op: Op) -> Reach:
    """Return the reach of an operation; of branches, that of the widest; gates see all and count 0.

    Example:
        >>> reach(ops.sequence(ops.Conv(3, 8, kernel=3, stride=2), ops.RELU, ops.MaxPool(3, 2)))
        Reach(growth=6, stride=4)
    """
    match op:
        case ops.Conv():
            return Reach(op.dilation * (op.kernel - 1), op.stride)
        case ops.MaxPool():
            return Reach(op.kernel - 1, op.stride)
        case ops.Sequence():
            total = Reach()
            for child in op.children:
                total = total.then(reach(child))
            return total
        case ops.Residual():
            return max(reach(op.body), Reach() if op.shortcut is None else reach(op.shortcut))
        case ops.Fold() | ops.Resized():
            return reach(op.body)
        case (
            ops.Sum() | ops.Product() | ops.Concat() | ops.Split() | ops.Quadrants() | ops.Outputs()
        ):
            return max(map(reach, op.branches))
    return Reach()
