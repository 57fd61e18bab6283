"""Pools of networks whose accuracy is a known function of their structure."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np

from nasfer.arch import Arch, parse_arch
from nasfer.pools import Pool, PooledNetwork
from nasfer.pools.counting import counted

PX = 32
WIDTHS = (16, 24, 32, 48)


def network(rng: random.Random) -> Arch:
    """A chain of three stages of inverted residuals."""
    text = "ConvK3BN(3,16,1)"
    for into, out in pairwise(WIDTHS):
        kernel, expansion = rng.choice((3, 5)), rng.choice((2, 4))
        text += f"MBConvE{expansion}K{kernel}({into},{out},2,{rng.randint(1, 4)})"
    return parse_arch(text)


def accuracy(arch: Arch) -> float:
    """Percent: depth helps less and less, large kernels help at the end."""
    _, *stages = arch.blocks
    depth = sum(block.layers for block in stages)
    return 60 + 12 * float(np.log(depth)) + 2 * ("K5" in str(stages[-1]))


def trained(
    arch: Arch, reached: float, seeds: int = 1, spread: float | None = None
) -> PooledNetwork:
    """A network of a pool."""
    cost = counted(arch, PX)
    return PooledNetwork(
        arch,
        reached,
        seeds,
        spread,
        cost.flops,
        cost.params,
        "mine",
        resolution=PX,
        dataset="faces",
    )


def pool_of(size: int, *, noise: float = 0.2, seed: int = 0) -> Pool:
    """So many different networks, each trained once."""
    rng = random.Random(seed)
    archs: dict[Arch, float] = {}
    while len(archs) < size:
        arch = network(rng)
        archs.setdefault(arch, accuracy(arch) + rng.gauss(0, noise))
    networks = tuple(trained(arch, reached) for arch, reached in archs.items())
    return Pool(networks, PX, "faces", "", "mine")
