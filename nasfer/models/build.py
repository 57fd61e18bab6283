"""Fold the op tree into torch modules, with or without residual links."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch

from torch import Tensor, nn

from nasfer.arch import Arch, ops
from nasfer.arch.ops import Op
from nasfer.errors import DataError
from nasfer.models import modules, regions


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

    def predict(self, images: Tensor, landmarks: Tensor | None = None) -> Tensor:
        """Map images to ``(N, classes)`` logits; here they are what `forward` returns.

        Landmarks are for networks that read them, and are not read here.
        """
        logits: Tensor = self(images)
        return logits


class LandmarkNetwork(Network):
    """A network that reads five landmarks of each face beside its image, such as AMP-Net.

    ``model(images, landmarks)`` is one tensor of logits a branch, ``model.predict(images,
    landmarks)`` their mix. Landmarks are ``(N, 5, 2)``, in the coordinates of a 224-pixel image
    whatever the size of the images: left eye, right eye, nose, left and right mouth corner.

    Attributes:
        output_weights: of the branches, in the prediction and in the loss; they add up to 1.
    """

    def __init__(self, arch: Arch, *, residual_links: bool = True) -> None:
        super().__init__(arch, residual_links=residual_links)
        mixes = [op.weights for op in ops.walk(arch.head.ops()) if isinstance(op, ops.Outputs)]
        self.output_weights: tuple[float, ...] = mixes[0] if mixes else (1.0,)

    def forward(  # type: ignore[override]  # several outputs
        self, images: Tensor, landmarks: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        """Map ``(N, in_channels, H, W)`` images and landmarks to ``(N, classes)`` logits a branch.

        Raises:
            DataError: there are no landmarks, or they are not ``(N, 5, 2)``.
        """
        if landmarks is None:
            raise DataError(
                "this network reads landmarks: call model(images, landmarks), landmarks (N, 5, 2)"
                " in 224-pixel coordinates"
            )
        if tuple(landmarks.shape) != (len(images), 5, 2):
            given = tuple(landmarks.shape)
            raise DataError(f"landmarks: shape {given} is not ({len(images)}, 5, 2)")
        logits = self.head((self.features(images), landmarks.to(images.device)))
        return logits if isinstance(logits, tuple) else (logits,)

    def predict(self, images: Tensor, landmarks: Tensor | None = None) -> Tensor:
        """Map images and landmarks to ``(N, classes)`` logits, the branches' weighted sum.

        Raises:
            DataError: there are no landmarks, or they are not ``(N, 5, 2)``.
        """
        outputs = self(images, landmarks)
        return modules.total([w * logits for w, logits in zip(self.output_weights, outputs)])


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
    reads_landmarks = any(isinstance(op, ops.Region) for op in ops.walk(arch.head.ops()))
    return LandmarkNetwork(arch) if reads_landmarks else Network(arch)


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
    "gelu": nn.GELU, "hard_sigmoid": nn.Hardsigmoid,
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
    return modules.StochasticDepth(op.rate)


@build.register
def _(op: ops.Resized, *, residual_links: bool = True) -> nn.Module:
    return modules.Resized(build(op.body, residual_links=residual_links))


@build.register
def _(op: ops.Region, *, residual_links: bool = True) -> nn.Module:
    return regions.CutRegion(op)


@build.register
def _(op: ops.Unused, *, residual_links: bool = True) -> nn.Module:
    return modules.Unused(build(op.body))


@build.register
def _(op: ops.Outputs, *, residual_links: bool = True) -> nn.Module:
    return modules.Outputs([build(b, residual_links=residual_links) for b in op.branches])
