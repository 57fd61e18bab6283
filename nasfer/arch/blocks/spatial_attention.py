"""Trees of AttentionEmotionNet's three spatial attentions: gates over channels and cells at once.

Source: the published EmotionNet repository; biases and order of layers as in its state dict.
"""

from __future__ import annotations

from nasfer.arch import ops
from nasfer.arch.blocks.conv import conv_bn
from nasfer.arch.ops import Op, sequence
from nasfer.errors import SpecError


def local_global_attention(channels: int) -> Op:
    """Gate by what stands around a cell and by what stands in an 8 x 8 overview of the map.

    A depthwise 5 x 5 convolution and a 1 x 1 convolution of the overview, each through a learnt
    scalar, are joined by a 1 x 1 convolution, batch norm and sigmoid.
    """
    local = sequence(ops.Conv(channels, channels, 5, groups=channels, bias=True), ops.Scale())
    overview = sequence(ops.AdaptiveMean(8), ops.Conv(channels, channels, 1, bias=True))
    joined = ops.Concat((local, sequence(ops.Resized(overview), ops.Scale())))
    return ops.Gate(sequence(joined, *conv_bn(2 * channels, channels, 1, bias=True), ops.SIGMOID))


def pyramid_attention(channels: int, scales: tuple[int, ...] = (1, 2, 4)) -> Op:
    """Gate by overviews of the map at several scales, a third of the channels each."""
    width = max(1, channels // len(scales))
    overviews = tuple(
        sequence(
            ops.Conv(channels, width, 1),
            ops.Resized(sequence(ops.AdaptiveMean(scale), *conv_bn(width, width, 1), ops.RELU)),
        )
        for scale in scales
    )
    fusion = conv_bn(width * len(scales), channels, 1)
    return ops.Gate(sequence(ops.Concat(overviews), *fusion, ops.SIGMOID))


def region_attention(channels: int, regions: int) -> Op:
    """Gate by ``regions`` branches of the channels, each weighted by its own learnt map.

    The maps are a softmax over regions. A branch has ``channels // regions`` channels, the last one
    the remainder too; the published code lacks the remainder and so crashes with 7 classes.

    Raises:
        SpecError: there are more regions than channels.
    """
    if not 1 <= regions <= channels:
        raise SpecError(f"regions: {regions} is not from 1 to the {channels} channels")
    width, part = max(1, channels // 3), channels // regions
    widths = (part,) * (regions - 1) + (channels - part * (regions - 1),)
    maps = sequence(
        *conv_bn(channels, width, 3, bias=True),
        ops.RELU,
        ops.Conv(width, regions, 1, bias=True),
        ops.Softmax(),
        ops.RepeatChannels(widths),
    )
    branches = ops.Concat(
        tuple(sequence(*conv_bn(channels, out, 1, bias=True), ops.RELU) for out in widths)
    )
    fusion = conv_bn(channels, channels, 1, bias=True)
    return ops.Gate(sequence(ops.Product((maps, branches)), *fusion, ops.SIGMOID))
