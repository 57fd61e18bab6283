"""Attention trees that blocks insert: squeeze-and-excitation, channel, shuffle, modulator."""

from __future__ import annotations

import math

from nasfer.arch import ops
from nasfer.arch.ops import Op, sequence
from nasfer.errors import SpecError


def squeeze_excitation(channels: int, reduction: int) -> Op | None:
    """Squeeze-and-excitation gate; ``None`` where ``reduction`` is 0.

    ``x * sigmoid(expand(relu(squeeze(mean(x)))))`` with biased 1 x 1 convolutions and
    ``max(8, channels // reduction)`` channels between.

    Source: Hu et al., CVPR 2018, arXiv:1709.01507.
    """
    if reduction == 0:
        return None
    return excitation(channels, max(8, channels // reduction))


def excitation(channels: int, squeezed: int, inner: Op = ops.RELU, outer: Op = ops.SIGMOID) -> Op:
    """Gate each channel by what all channels' means say, through so many squeezed channels."""
    return ops.Gate(
        sequence(
            ops.GlobalMean(),
            ops.Conv(channels, squeezed, kernel=1, bias=True),
            inner,
            ops.Conv(squeezed, channels, kernel=1, bias=True),
            outer,
        )
    )


def shuffle_attention(channels: int, groups: int) -> Op | None:
    """Shuffle attention over ``groups`` groups; ``None`` where ``groups`` is 0.

    Each group of channels is halved: one half is gated by its own mean, the other by its group
    norm, each through a learnt weight and bias; then a channel shuffle in 2 groups.

    Raises:
        SpecError: the channels do not divide into ``2 * groups`` parts.
    Source: Zhang and Yang, ICASSP 2021, arXiv:2102.00240; eq. 2-5. Weights start at 0, biases at 1.
    """
    if groups == 0:
        return None
    if channels % (2 * groups):
        raise SpecError(f"sa: {channels} channels do not divide into 2 x {groups} parts")
    half = channels // (2 * groups)
    affine = ops.ChannelAffine(half)
    by_channel = ops.Gate(sequence(ops.GlobalMean(), affine, ops.SIGMOID))
    by_position = ops.Gate(sequence(ops.GroupNorm(half, half), affine, ops.SIGMOID))
    return sequence(ops.Fold(groups, ops.Split((by_channel, by_position))), ops.Shuffle(2))


def channel_kernel(channels: int) -> int:
    """Return the odd kernel of efficient channel attention, ``|(log2(C) + 1) / 2|`` made odd.

    Example:
        >>> [channel_kernel(channels) for channels in (8, 96, 160, 320)]
        [3, 3, 5, 5]
    """
    kernel = int((math.log2(channels) + 1) / 2)
    return kernel if kernel % 2 else kernel + 1


def efficient_channel_attention(channels: int) -> Op:
    """Gate each channel by its neighbours' means: ``x * sigmoid(conv1d(mean(x)))``.

    Source: Wang et al., CVPR 2020, arXiv:1910.03151, eq. 5 and 12 (gamma 2, b 1).
    """
    gate = sequence(ops.GlobalMean(), ops.ChannelConv(channel_kernel(channels)), ops.SIGMOID)
    return ops.Gate(gate)


def channel_spatial_modulator(channels: int, *, reduction: int = 16, dilation: int = 4) -> Op:
    """Gate each value by the product of a channel gate and a spatial gate, under one sigmoid.

    Both squeeze the channels ``reduction`` times; the spatial one looks wide, by two dilated
    convolutions. All layers have a bias.

    Source: Zhao et al., EfficientFace, AAAI 2021; the gates are those of Park et al., BAM, 2018.
    """
    squeezed = max(1, channels // reduction)
    by_channel = sequence(
        ops.GlobalMean(pooled=False),
        ops.Flatten(),
        ops.Linear(channels, squeezed),
        ops.Unflatten(),
        ops.BatchNorm(squeezed),
        ops.RELU,
        ops.Flatten(),
        ops.Linear(squeezed, channels),
        ops.Unflatten(),
    )
    wide = ops.Conv(squeezed, squeezed, kernel=3, bias=True, dilation=dilation)
    by_position = sequence(
        ops.Conv(channels, squeezed, kernel=1, bias=True), ops.BatchNorm(squeezed), ops.RELU,
        wide, ops.BatchNorm(squeezed), ops.RELU,
        wide, ops.BatchNorm(squeezed), ops.RELU,
        ops.Conv(squeezed, 1, kernel=1, bias=True),
    )  # fmt: skip
    return ops.Gate(sequence(ops.Product((by_channel, by_position)), ops.SIGMOID))
