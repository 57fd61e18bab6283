"""The op tree: the primitive operations from which every block is written, once.

A block turns its fields into a small immutable tree of these. Cost, closed-form scores and torch
modules are folds over the tree, so a new block needs no change in any of them. Leaves transform a
``Shape``; combinators join their children. Tensors are ``(N, C, H, W)``; a shape is that of one
image, with ``copies`` counting the groups that `Fold` has moved into the batch axis.
"""

from nasfer.arch.ops.base import (
    Op,
    Shape,
    operation,
    walk,
    within,
)
from nasfer.arch.ops.combinators import (
    Concat,
    Fold,
    Gate,
    Outputs,
    Product,
    Quadrants,
    Residual,
    Resized,
    Sequence,
    Split,
    Sum,
    sequence,
)
from nasfer.arch.ops.leaves import (
    RELU,
    RELU6,
    SIGMOID,
    Activation,
    AdaptiveMean,
    BatchNorm,
    ChannelAffine,
    ChannelConv,
    ChannelMax,
    ChannelMean,
    Conv,
    Dropout,
    Flatten,
    GlobalMax,
    GlobalMean,
    GroupNorm,
    LayerNorm,
    Linear,
    MaxPool,
    Region,
    RepeatChannels,
    Resize,
    Scale,
    Shuffle,
    Softmax,
    StochasticDepth,
    SumGroups,
    Times,
    Unflatten,
    Unused,
)

__all__ = [
    "RELU", "RELU6", "SIGMOID", "Activation", "AdaptiveMean", "BatchNorm", "ChannelAffine",
    "ChannelConv", "ChannelMax", "ChannelMean", "Concat", "Conv", "Dropout", "Flatten", "Fold",
    "Gate", "GlobalMax", "GlobalMean", "GroupNorm", "LayerNorm", "Linear", "MaxPool", "Op",
    "Outputs", "Product", "Quadrants", "Region", "RepeatChannels", "Residual", "Resize", "Resized",
    "Scale", "Sequence", "Shape", "Shuffle", "Softmax", "Split", "StochasticDepth", "Sum",
    "SumGroups", "Times", "Unflatten", "Unused", "operation", "sequence", "walk", "within",
]  # fmt: skip
