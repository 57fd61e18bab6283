"""Combinators of the op tree: each joins its children."""

from __future__ import annotations

from nasfer.arch.ops.base import Op, operation


@operation
class Sequence(Op):
    """One after the other."""

    children: tuple[Op, ...]


@operation
class Residual(Op):
    """``body(x) + shortcut(x)``, the identity where there is no shortcut; a *residual link*.

    Proxies that want the network without its residual links keep the body alone.
    """

    body: Op
    shortcut: Op | None = None


@operation
class Gate(Op):
    """``x * body(x)``, broadcast: channel and spatial attention."""

    body: Op


@operation
class Sum(Op):
    """Sum of branches that all read the same input; part of the function, never dropped."""

    branches: tuple[Op, ...]


@operation
class Product(Op):
    """Product of branches that all read the same input, broadcast."""

    branches: tuple[Op, ...]


@operation
class Concat(Op):
    """Channels of all branches, one after the other; all branches read the same input."""

    branches: tuple[Op, ...]


@operation
class Split(Op):
    """Cut the channels into as many equal parts as branches, one part a branch, then concat."""

    branches: tuple[Op, ...]


@operation
class Fold(Op):
    """Run ``body`` on groups of channels, each as an image: ``(N*g, C/g, H, W)`` and back."""

    groups: int
    body: Op


@operation
class Quadrants(Op):
    """Cut the map into four rectangles, one a branch, and put the results back in place.

    The branches are top left, bottom left, top right, bottom right. Each axis is cut at the
    multiple of ``stride`` that is nearest to its middle (the upper one of two), so that branches
    of that stride give the same size as if they had read the whole map; a map of even quarters is
    cut in the middle. An axis under ``2 * stride - 1`` cells cannot be cut.
    """

    branches: tuple[Op, Op, Op, Op]
    stride: int = 1


@operation
class Resized(Op):
    """``body``, then a bilinear resize back to the size of what the body read."""

    body: Op


@operation
class Outputs(Op):
    """Several outputs of one network, one a branch.

    ``weights`` mix them to the prediction, and their losses to the one that is trained.
    """

    branches: tuple[Op, ...]
    weights: tuple[float, ...]


def sequence(*ops: Op | None) -> Sequence:
    """Chain operations and leave out the ``None`` among them (an attention that is off).

    Example:
        >>> from nasfer.arch.ops import RELU
        >>> len(sequence(RELU, None, RELU).children)
        2
    """
    return Sequence(tuple(op for op in ops if op is not None))
