"""Attention trees that blocks insert: squeeze-and-excitation and shuffle attention."""

from __future__ import annotations

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
    squeezed = max(8, channels // reduction)
    return ops.Gate(
        sequence(
            ops.GlobalMean(),
            ops.Conv(channels, squeezed, kernel=1, bias=True),
            ops.RELU,
            ops.Conv(squeezed, channels, kernel=1, bias=True),
            ops.SIGMOID,
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
