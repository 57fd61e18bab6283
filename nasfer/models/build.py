"""Fold the op tree into torch modules, with or without residual links."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch

from torch import Tensor, nn

from nasfer.arch import ops
from nasfer.arch.ops import Op
from nasfer.arch.shapes import no_rule
from nasfer.models import joins, modules, regions


@singledispatch
def build(op: Op, *, residual_links: bool = True) -> nn.Module:
    """Return the torch module of an op tree; ``residual_links=False`` keeps the bodies alone.

    Raises:
        SpecError: the operation has no rule here.
    """
    raise no_rule(op, "torch module", "nasfer.models.build.build")


@build.register
def _(op: ops.Conv, *, residual_links: bool = True) -> nn.Module:
    return nn.Conv2d(
        op.in_channels, op.out_channels, op.kernel, op.stride, op.pad, op.dilation, op.groups,
        op.bias,
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
    "gelu": nn.GELU, "hard_sigmoid": nn.Hardsigmoid, "hardswish": nn.Hardswish, "silu": nn.SiLU,
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
    return joins.ResidualLink(body, None if op.shortcut is None else build(op.shortcut))


@build.register
def _(op: ops.Gate, *, residual_links: bool = True) -> nn.Module:
    return joins.Gated(build(op.body, residual_links=residual_links))


_JOINS = {ops.Sum: joins.total, ops.Product: joins.product, ops.Concat: joins.concat}


@build.register(ops.Sum)
@build.register(ops.Product)
@build.register(ops.Concat)
def _(op: ops.Sum | ops.Product | ops.Concat, *, residual_links: bool = True) -> nn.Module:
    branches = [build(branch, residual_links=residual_links) for branch in op.branches]
    return joins.Branches(branches, _JOINS[type(op)])


@build.register
def _(op: ops.Split, *, residual_links: bool = True) -> nn.Module:
    return joins.SplitChannels([build(b, residual_links=residual_links) for b in op.branches])


@build.register
def _(op: ops.Fold, *, residual_links: bool = True) -> nn.Module:
    return joins.FoldGroups(op.groups, build(op.body, residual_links=residual_links))


@build.register
def _(op: ops.Quadrants, *, residual_links: bool = True) -> nn.Module:
    branches = [build(branch, residual_links=residual_links) for branch in op.branches]
    return joins.Quadrants(branches, op.stride)


@build.register
def _(op: ops.LayerNorm, *, residual_links: bool = True) -> nn.Module:
    return nn.LayerNorm(op.channels)


@build.register
def _(op: ops.AdaptiveMean, *, residual_links: bool = True) -> nn.Module:
    return nn.AdaptiveAvgPool2d(op.size)


@build.register
def _(op: ops.GlobalMax, *, residual_links: bool = True) -> nn.Module:
    return nn.AdaptiveMaxPool2d(1)


_READINGS: dict[type[Op], Callable[[Tensor], Tensor]] = {
    ops.ChannelMean: modules.channel_mean,
    ops.ChannelMax: modules.channel_max,
}


@build.register(ops.ChannelMean)
@build.register(ops.ChannelMax)
def _(op: Op, *, residual_links: bool = True) -> nn.Module:
    return modules.Pointwise(_READINGS[type(op)])


@build.register
def _(op: ops.Softmax, *, residual_links: bool = True) -> nn.Module:
    return nn.Softmax(dim=1)


@build.register
def _(op: ops.RepeatChannels, *, residual_links: bool = True) -> nn.Module:
    return modules.RepeatChannels(op.counts)


@build.register
def _(op: ops.SumGroups, *, residual_links: bool = True) -> nn.Module:
    return modules.SumGroups(op.groups)


@build.register
def _(op: ops.StochasticDepth, *, residual_links: bool = True) -> nn.Module:
    # Here, since it takes a second to import and few networks need it.
    from torchvision.ops import StochasticDepth  # type: ignore[import-untyped]

    return StochasticDepth(op.rate, mode="row")


@build.register
def _(op: ops.Resized, *, residual_links: bool = True) -> nn.Module:
    return joins.Resized(build(op.body, residual_links=residual_links))


@build.register
def _(op: ops.Resize, *, residual_links: bool = True) -> nn.Module:
    return nn.Upsample((op.height, op.width), mode="bilinear")


@build.register
def _(op: ops.Region, *, residual_links: bool = True) -> nn.Module:
    return regions.CutRegion(op)


@build.register
def _(op: ops.Unused, *, residual_links: bool = True) -> nn.Module:
    return modules.Unused(build(op.body))


@build.register
def _(op: ops.Outputs, *, residual_links: bool = True) -> nn.Module:
    return joins.Outputs([build(b, residual_links=residual_links) for b in op.branches])
