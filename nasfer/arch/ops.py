"""The op tree: the primitive operations from which every block is written, once.

A block turns its fields into a small immutable tree of these. Cost, closed-form scores and torch
modules are folds over the tree, so a new block needs no change in any of them. Leaves transform a
``Shape``; combinators join their children. Tensors are ``(N, C, H, W)``; a shape is that of one
image, with ``copies`` counting the groups that `Fold` has moved into the batch axis.
"""

from __future__ import annotations

import dataclasses
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

    kind: Literal["relu", "relu6", "sigmoid"]


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
class Unflatten(Op):
    """``(N, C)`` to ``(N, C, 1, 1)``."""


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
