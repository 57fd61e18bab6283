"""Fold the op tree into torch modules, with or without residual links."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch

from torch import Tensor, nn

from nasfer.arch import Arch, ops
from nasfer.arch.ops import Op
from nasfer.models import modules


class Network(nn.Module):
    """A network built from an `Arch`: ``head(features(images))``.

    Attributes:
        arch: the value that it was built from.
        features: one child a block; ``(N, C, H, W)`` images to the last feature map.
        head: the last map to ``(N, classes)`` logits.
    """

    def __init__(self, arch: Arch, *, residual_links: bool = True) -> None:
        super().__init__()
        self.arch = arch
        self.features = nn.Sequential(
            *(build(block.ops(), residual_links=residual_links) for block in arch.blocks)
        )
        self.head = build(arch.head.ops(), residual_links=residual_links)

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(N, in_channels, H, W)`` images to ``(N, classes)`` logits."""
        logits: Tensor = self.head(self.features(images))
        return logits


def create_model(
    arch: Arch, *, num_classes: int | None = None, in_chans: int | None = None
) -> Network:
    """Build the torch network of an architecture, with torch's default initial weights.

    Args:
        arch: the architecture.
        num_classes: number of logits; ``None`` keeps the architecture's.
        in_chans: channels of the images; ``None`` keeps the architecture's.
    Example:
        >>> import torch
        >>> from nasfer.arch import parse_arch
        >>> model = create_model(parse_arch("SuperConvK3BNRELU(3,8,2,1)"), num_classes=8)
        >>> model(torch.zeros(2, 3, 48, 48)).shape
        torch.Size([2, 8])
    """
    if num_classes is not None:
        arch = arch.with_classes(num_classes)
    if in_chans is not None:
        arch = arch.with_in_channels(in_chans)
    return Network(arch)


@singledispatch
def build(op: Op, *, residual_links: bool = True) -> nn.Module:
    """Return the torch module of an op tree; ``residual_links=False`` keeps the bodies alone."""
    raise NotImplementedError(f"no torch module for {type(op).__name__}")


@build.register
def _(op: ops.Conv, *, residual_links: bool = True) -> nn.Module:
    return nn.Conv2d(
        op.in_channels, op.out_channels, op.kernel, op.stride, op.pad, op.dilation, op.groups, op.bias
    )  # fmt: skip


@build.register
def _(op: ops.Linear, *, residual_links: bool = True) -> nn.Module:
    return nn.Linear(op.in_features, op.out_features, op.bias)


@build.register
def _(op: ops.BatchNorm, *, residual_links: bool = True) -> nn.Module:
    return nn.BatchNorm2d(op.channels, op.eps)


@build.register
def _(op: ops.GroupNorm, *, residual_links: bool = True) -> nn.Module:
    return nn.GroupNorm(op.groups, op.channels)


@build.register
def _(op: ops.GlobalMean, *, residual_links: bool = True) -> nn.Module:
    return nn.AdaptiveAvgPool2d(1) if op.pooled else modules.GlobalMean()


@build.register
def _(op: ops.MaxPool, *, residual_links: bool = True) -> nn.Module:
    return nn.MaxPool2d(op.kernel, op.stride, op.padding, ceil_mode=op.ceil)


@build.register
def _(op: ops.Dropout, *, residual_links: bool = True) -> nn.Module:
    return nn.Dropout2d(op.rate) if op.channels else nn.Dropout(op.rate)


@build.register
def _(op: ops.Flatten, *, residual_links: bool = True) -> nn.Module:
    return nn.Flatten()


@build.register
def _(op: ops.ChannelAffine, *, residual_links: bool = True) -> nn.Module:
    return modules.ChannelAffine(op.channels)


@build.register
def _(op: ops.Scale, *, residual_links: bool = True) -> nn.Module:
    return modules.Scale()


@build.register
def _(op: ops.Shuffle, *, residual_links: bool = True) -> nn.Module:
    return nn.ChannelShuffle(op.groups)


@build.register
def _(op: ops.Times, *, residual_links: bool = True) -> nn.Module:
    return modules.Times(op.factor)


@build.register
def _(op: ops.ChannelConv, *, residual_links: bool = True) -> nn.Module:
    return modules.ChannelConv(op.kernel)


@build.register
def _(op: ops.Unflatten, *, residual_links: bool = True) -> nn.Module:
    return nn.Unflatten(1, (-1, 1, 1))


_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU, "relu6": nn.ReLU6, "sigmoid": nn.Sigmoid,
}  # fmt: skip


@build.register
def _(op: ops.Activation, *, residual_links: bool = True) -> nn.Module:
    return _ACTIVATIONS[op.kind]()


@build.register
def _(op: ops.Sequence, *, residual_links: bool = True) -> nn.Module:
    return nn.Sequential(*(build(child, residual_links=residual_links) for child in op.children))


@build.register
def _(op: ops.Residual, *, residual_links: bool = True) -> nn.Module:
    body = build(op.body, residual_links=residual_links)
    if not residual_links:
        return body
    return modules.ResidualLink(body, None if op.shortcut is None else build(op.shortcut))


@build.register
def _(op: ops.Gate, *, residual_links: bool = True) -> nn.Module:
    return modules.Gated(build(op.body, residual_links=residual_links))


_JOINS = {ops.Sum: modules.total, ops.Product: modules.product, ops.Concat: modules.concat}


@build.register(ops.Sum)
@build.register(ops.Product)
@build.register(ops.Concat)
def _(op: ops.Sum | ops.Product | ops.Concat, *, residual_links: bool = True) -> nn.Module:
    branches = [build(branch, residual_links=residual_links) for branch in op.branches]
    return modules.Branches(branches, _JOINS[type(op)])


@build.register
def _(op: ops.Split, *, residual_links: bool = True) -> nn.Module:
    return modules.SplitChannels([build(b, residual_links=residual_links) for b in op.branches])


@build.register
def _(op: ops.Fold, *, residual_links: bool = True) -> nn.Module:
    return modules.FoldGroups(op.groups, build(op.body, residual_links=residual_links))


@build.register
def _(op: ops.Quadrants, *, residual_links: bool = True) -> nn.Module:
    branches = [build(branch, residual_links=residual_links) for branch in op.branches]
    return modules.Quadrants(branches, op.stride)
