"""The op tree: the primitive operations from which every block is written, once.

A block turns its fields into a small immutable tree of these. Cost, closed-form scores and torch
modules are folds over the tree, so a new block needs no change in any of them. Leaves transform a
``Shape``; combinators join their children. Tensors are ``(N, C, H, W)``; a shape is that of one
image, with ``copies`` counting the groups that `Fold` has moved into the batch axis.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Literal, NamedTuple

from typing_extensions import dataclass_transform


class Shape(NamedTuple):
    """What flows between operations, for one image.

    Example:
        >>> Shape(3, 224, 224).numel
        150528
    """

    channels: int
    height: int
    width: int
    copies: int = 1

    @property
    def numel(self) -> int:
        """Number of values."""
        return self.channels * self.height * self.width * self.copies


class Op:
    """Base of all operations; the hash is kept, since trees are keys of the readers' memos."""

    __slots__ = ("_hash",)

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            values = (getattr(self, name) for name in self.__match_args__)
            object.__setattr__(self, "_hash", hash((type(self).__name__, *values)))
            return self._hash


@dataclass_transform(frozen_default=True)
def operation(cls: type) -> type:
    """Class decorator: a frozen dataclass with slots that keeps its hash."""
    made = dataclasses.dataclass(frozen=True, slots=True)(cls)
    made.__hash__ = Op.__hash__  # type: ignore[method-assign]
    return made


# --- leaves ----------------------------------------------------------------------------------


@operation
class Conv(Op):
    """2-D convolution; ``padding=None`` keeps the size at stride 1, as every block here wants."""

    in_channels: int
    out_channels: int
    kernel: int
    stride: int = 1
    groups: int = 1
    bias: bool = False
    dilation: int = 1
    padding: int | None = None

    @property
    def pad(self) -> int:
        """Zero padding on each side, in pixels."""
        return self.dilation * (self.kernel - 1) // 2 if self.padding is None else self.padding


@operation
class Linear(Op):
    """Fully connected layer on ``(N, C)``."""

    in_features: int
    out_features: int
    bias: bool = True


@operation
class BatchNorm(Op):
    """Batch normalisation with learnt scale and shift, over images and cells."""

    channels: int
    eps: float = 1e-5


@operation
class GroupNorm(Op):
    """Group normalisation with learnt scale and shift, over the cells of one image."""

    groups: int
    channels: int


@operation
class Activation(Op):
    """Element-wise nonlinearity."""

    kind: Literal["relu", "relu6", "sigmoid", "gelu", "hard_sigmoid"]


@operation
class GlobalMean(Op):
    """Mean over all cells, kept as ``1 x 1``.

    ``pooled`` says how the published code writes it: as adaptive pooling, which fvcore counts, or
    as ``x.mean``, which it does not.
    """

    pooled: bool = True


@operation
class MaxPool(Op):
    """Maximum over ``kernel x kernel`` cells."""

    kernel: int
    stride: int
    padding: int = 0
    ceil: bool = False


@operation
class Dropout(Op):
    """Zero values in training, or whole channels of an image if ``channels``."""

    rate: float
    channels: bool = False


@operation
class Flatten(Op):
    """``(N, C, 1, 1)`` to ``(N, C)``."""


@operation
class ChannelAffine(Op):
    """Learnt weight (starts at 0) and bias (starts at 1) for each channel."""

    channels: int


@operation
class Scale(Op):
    """One learnt scalar that multiplies everything; starts at 1."""


@operation
class Shuffle(Op):
    """Channel shuffle: read the channels as ``groups x rest`` and transpose."""

    groups: int


@operation
class Times(Op):
    """Multiply everything by a fixed number: the weight of an auxiliary branch."""

    factor: float


@operation
class ChannelConv(Op):
    """1-D convolution along the channels of ``(N, C, 1, 1)``: one channel in and out, no bias.

    Zero padding keeps the number of channels.
    """

    kernel: int


@operation
class LayerNorm(Op):
    """Layer normalisation of ``(N, C)`` with learnt scale and shift."""

    channels: int


@operation
class Unflatten(Op):
    """``(N, C)`` to ``(N, C, 1, 1)``, so that a linear layer's output can gate a map."""


@operation
class AdaptiveMean(Op):
    """Mean over ``size x size`` windows that cover the map; they overlap on a smaller map."""

    size: int


@operation
class GlobalMax(Op):
    """Maximum over all cells, kept as ``1 x 1``."""


@operation
class ChannelMean(Op):
    """Mean over the channels of each cell, one channel."""


@operation
class ChannelMax(Op):
    """Maximum over the channels of each cell, one channel."""


@operation
class Softmax(Op):
    """Softmax over the channels of each cell."""


@operation
class RepeatChannels(Op):
    """Channel ``i`` repeated ``counts[i]`` times, in order: one map for each part of a concat."""

    counts: tuple[int, ...]


@operation
class SumGroups(Op):
    """Sum of ``groups`` equal parts of the channels."""

    groups: int


@operation
class Resize(Op):
    """Bilinear resize to a fixed size, corners not aligned."""

    height: int
    width: int


@operation
class StochasticDepth(Op):
    """Zero all of an image's values at ``rate`` in training, and scale the kept images up."""

    rate: float


@operation
class Region(Op):
    """Cut from a map what a face's five landmarks point at; reads the pair (map, landmarks).

    ``patch`` is one of four squares around the face's centre (upper left, upper right, lower left,
    lower right), ``window`` one of five around left eye, right eye, the point between them, left
    and right mouth corner; ``whole`` is the map without its landmarks. `nasfer.models.regions` has
    the rule.

    Example:
        >>> Region("patch").side(28, 28), Region("window").side(28, 28)
        (14, 10)
    """

    kind: Literal["patch", "window", "whole"]
    index: int = 0

    def side(self, height: int, width: int) -> int:
        """Return the side of the cut square, in cells of a map of that size."""
        cells = min(height, width)
        radius = max(1, (5 * cells + 14) // 28)  # 5 of 28 cells, rounded
        return min(cells, 2 * radius) if self.kind == "window" else max(1, cells // 2)


@operation
class Unused(Op):
    """Parameters that a checkpoint holds and the forward pass never reads; maps any input to itself.

    Its body is counted by its parameters alone.
    """

    body: Op


# --- combinators -----------------------------------------------------------------------------


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
    """Run ``body`` on groups of channels as if each were an image: ``(N*g, C/g, H, W)`` and back."""

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


RELU = Activation("relu")
RELU6 = Activation("relu6")
SIGMOID = Activation("sigmoid")


def sequence(*ops: Op | None) -> Sequence:
    """Chain operations and leave out the ``None`` among them (an attention that is off).

    Example:
        >>> len(sequence(RELU, None, RELU).children)
        2
    """
    return Sequence(tuple(op for op in ops if op is not None))


def walk(op: Op) -> Iterator[Op]:
    """Yield an operation and all that it is made of; `nasfer.arch.shapes.leaves` knows shapes too.

    Example:
        >>> [type(part).__name__ for part in walk(Gate(sequence(GlobalMean(), SIGMOID)))]
        ['Gate', 'Sequence', 'GlobalMean', 'Activation']
    """
    yield op
    for name in op.__match_args__:  # type: ignore[attr-defined]
        value = getattr(op, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Op):
                yield from walk(part)
