"""Costs of many networks of few kinds of blocks: each block is counted once at each shape."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from nasfer.arch import Arch, Block
from nasfer.arch.ops import Shape
from nasfer.costs import BlockCost, block_cost, input_shape


class Counted(NamedTuple):
    """Costs of a network for one image, as `nasfer.costs.Cost` has them."""

    params: int
    flops: int
    macs: int


@lru_cache(maxsize=65536)
def _counted_block(block: Block, shape: Shape) -> BlockCost:
    return block_cost(block, shape)


def counted(arch: Arch, resolution: int) -> Counted:
    """Return parameters, FLOPs and MACs of a network; memory, which pools do not ask for, is not.

    Args:
        resolution: side of the images, in pixels.
    Raises:
        SpecError: the size is out of range, or too small for the network.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> counted(parse_arch("SuperConvK3BNRELU(3,8,2,1)"), 8)
        Counted(params=295, flops=3896, macs=3512)
    """
    shape = input_shape(arch, resolution)
    params = flops = macs = 0
    for block in (*arch.blocks, arch.head):
        part = _counted_block(block, shape)
        params += part.params
        flops += part.flops
        macs += part.macs
        shape = part.output
    return Counted(params, flops, macs)
