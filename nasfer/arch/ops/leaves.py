"""Leaves of the op tree: each maps one shape to another."""

from __future__ import annotations

from typing import Literal

from nasfer.arch.ops.base import Op, operation


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

    kind: Literal["relu", "relu6", "sigmoid", "gelu", "hard_sigmoid", "hardswish", "silu"]


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
    """Parameters that a checkpoint holds and the forward pass never reads.

    Maps any input to itself; its body is counted by its parameters alone.
    """

    body: Op


RELU = Activation("relu")
RELU6 = Activation("relu6")
SIGMOID = Activation("sigmoid")
