"""DeepMAD: the entropy of a network, and how deep it is for its width."""

from __future__ import annotations

import math

from nasfer.arch import Arch
from nasfer.arch.ops import Shape
from nasfer.arch.shapes import output_shape
from nasfer.costs import input_shape
from nasfer.errors import ProxyError
from nasfer.proxies._base import Settings, register_proxy
from nasfer.proxies.trunk import block_widths, refuse_late_trunk

SOURCE = "Shen et al., CVPR 2023, arXiv:2303.02165"

LAST_STAGE_WEIGHT = 8.0
"""Weight of the last stage's entropy; the stages before it weigh 1, as in the paper."""


def effectiveness(arch: Arch) -> float:
    r"""Return DeepMAD's :math:`\rho`, depth over width; a large one is hard to train.

    ``L / geometric mean of the widths`` over the first ``L`` convolutions of the main path, the
    largest over the prefixes that end with a block; what a head convolves is not counted.

    Raises:
        ProxyError: the network has no convolution.
    Source: arXiv:2303.02165, eq. 7; the paper keeps it under 0.5. Published ZenNet-M has 0.90,
        ZenNet-R 0.62, which fixes that every convolution counts as a layer.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> round(effectiveness(parse_arch("SuperConvK3BNRELU(3,8,2,1)")), 4)
        0.037
    """
    log_sum, convs, largest = 0.0, 0, 0.0
    for block in arch.blocks:
        widths = block_widths(block)
        log_sum += widths.log_sum
        convs += widths.convs
        if convs:
            largest = max(largest, convs / math.exp(log_sum / convs))
    if not convs:
        raise ProxyError(f"effectiveness: {arch.digest()} has no convolution")
    return largest


@register_proxy("deepmad", unit="nat^2", source=SOURCE)
def deepmad(arch: Arch, settings: Settings) -> float:
    r"""Entropy of the network's stages, weighted towards the last one (DeepMAD).

    A stage ends where the map shrinks; its entropy is ``log(H W C)`` of its map times the sum of
    ``log(C_in k^2 / groups)`` over all convolutions up to there.

    Raises:
        ProxyError: the trunk goes on in the head.
    Source: arXiv:2303.02165, eq. 4 and 8, stage weights 1, ..., 1, 8.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> round(deepmad(parse_arch("SuperConvK3BNRELU(3,8,2,1)"), Settings()), 1)
        303.7
    """
    refuse_late_trunk(arch, "deepmad")
    shape = input_shape(arch, settings.resolution)
    log_sum = 0.0
    stages: list[tuple[Shape, float]] = []  # the map and the entropy so far at each stage's end
    for block in arch.blocks:
        before, shape = shape, output_shape(block.ops(), shape)
        log_sum += block_widths(block).log_sum
        if stages and (before.height, before.width) == (shape.height, shape.width):
            stages.pop()
        stages.append((shape, log_sum))
    weights = [1.0] * (len(stages) - 1) + [LAST_STAGE_WEIGHT]
    return sum(
        weight * math.log(end.numel) * total for weight, (end, total) in zip(weights, stages)
    )


def depth_penalty(arch: Arch) -> float:
    """Return ``exp(std of the blocks' layers)``, which grows when depth piles up in one block.

    Source: ZenNet-SA's search subtracts five times this from its score.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> depth_penalty(parse_arch("SuperConvK3BNRELU(3,8,2,1)SuperConvK3BNRELU(8,8,1,1)"))
        1.0
    """
    layers = [block.layers for block in arch.blocks]
    mean = sum(layers) / len(layers)
    return math.exp(math.sqrt(sum((n - mean) ** 2 for n in layers) / len(layers)))
