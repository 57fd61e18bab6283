"""Baselines that every proxy must beat: size, cost, depth and chance."""

from __future__ import annotations

import random as _random

from nasfer.arch import Arch
from nasfer.costs import cost
from nasfer.proxies._base import Settings, register_proxy
from nasfer.proxies.trunk import block_widths


@register_proxy("flops", unit="multiply-adds", source="fvcore's count")
def flops(arch: Arch, settings: Settings) -> float:
    """FLOPs of one image: spending the whole budget is a strong baseline."""
    return float(cost(arch, settings.resolution).flops)


@register_proxy("params", unit="parameters", source="exact count")
def params(arch: Arch, settings: Settings) -> float:
    """Trainable parameters."""
    return float(cost(arch, settings.resolution).params)


@register_proxy("depth", unit="convolutions", source="count on the main path")
def depth(arch: Arch, settings: Settings) -> float:
    """Convolutions on the main path, without projections and gates."""
    return float(sum(block_widths(block).convs for block in (*arch.blocks, arch.head)))


@register_proxy("random", random=True, unit="", source="chance, seeded by seed and architecture")
def random(arch: Arch, settings: Settings) -> float:
    """Uniform number between 0 and 1: what a proxy is worth that knows nothing."""
    return _random.Random(f"{settings.seed} {arch.digest()}").random()
