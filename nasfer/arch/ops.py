"""The op tree: the primitive operations from which every block is written, once.

A block turns its fields into a small immutable tree of these. Cost, closed-form scores and torch
modules are folds over the tree, so a new block needs no change in any of them. Leaves transform a
``Shape``; combinators join their children. Tensors are ``(N, C, H, W)``; a shape is that of one
image, with ``copies`` counting the groups that `Fold` has moved into the batch axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple


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


@dataclass(frozen=True, slots=True)
class Op:
    """Base of all operations."""


# --- leaves ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Linear(Op):
    """Fully connected layer on ``(N, C)``."""

    in_features: int
    out_features: int
    bias: bool = True


@dataclass(frozen=True, slots=True)
class BatchNorm(Op):
    """Batch normalisation with learnt scale and shift, over images and cells."""

    channels: int
    eps: float = 1e-5


@dataclass(frozen=True, slots=True)
class GroupNorm(Op):
    """Group normalisation with learnt scale and shift, over the cells of one image."""

    groups: int
    channels: int


@dataclass(frozen=True, slots=True)
class Activation(Op):
    """Element-wise nonlinearity."""

    kind: Literal["relu", "relu6", "sigmoid"]


@dataclass(frozen=True, slots=True)
class GlobalMean(Op):
    """Mean over all cells, kept as ``1 x 1``; written as adaptive pooling, which fvcore counts."""


@dataclass(frozen=True, slots=True)
class Flatten(Op):
    """``(N, C, 1, 1)`` to ``(N, C)``."""


@dataclass(frozen=True, slots=True)
class ChannelAffine(Op):
    """Learnt weight (starts at 0) and bias (starts at 1) for each channel."""

    channels: int


@dataclass(frozen=True, slots=True)
class Scale(Op):
    """One learnt scalar that multiplies everything; starts at 1."""


@dataclass(frozen=True, slots=True)
class Shuffle(Op):
    """Channel shuffle: read the channels as ``groups x rest`` and transpose."""

    groups: int


# --- combinators -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sequence(Op):
    """One after the other."""

    children: tuple[Op, ...]


@dataclass(frozen=True, slots=True)
class Residual(Op):
    """``body(x) + shortcut(x)``, the identity where there is no shortcut; a *residual link*.

    Proxies that want the network without its residual links keep the body alone.
    """

    body: Op
    shortcut: Op | None = None


@dataclass(frozen=True, slots=True)
class Gate(Op):
    """``x * body(x)``, broadcast: channel and spatial attention."""

    body: Op


@dataclass(frozen=True, slots=True)
class Sum(Op):
    """Sum of branches that all read the same input; part of the function, never dropped."""

    branches: tuple[Op, ...]


@dataclass(frozen=True, slots=True)
class Split(Op):
    """Cut the channels into as many equal parts as branches, one part a branch, then concat."""

    branches: tuple[Op, ...]


@dataclass(frozen=True, slots=True)
class Fold(Op):
    """Run ``body`` on groups of channels as if each were an image: ``(N*g, C/g, H, W)`` and back."""

    groups: int
    body: Op


RELU = Activation("relu")
SIGMOID = Activation("sigmoid")


def sequence(*ops: Op | None) -> Sequence:
    """Chain operations and leave out the ``None`` among them (an attention that is off).

    Example:
        >>> len(sequence(RELU, None, RELU).children)
        2
    """
    return Sequence(tuple(op for op in ops if op is not None))
