"""The trunk: the convolutions on a network's main path, which several proxies count."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from nasfer.arch import Arch, Block, ops
from nasfer.arch.ops import Op
from nasfer.arch.parts import COMBINATORS
from nasfer.arch.shapes import no_rule
from nasfer.errors import ProxyError


@dataclass(frozen=True, slots=True)
class Widths:
    """Log widths of the convolutions of one block, summed, and how many they are."""

    log_sum: float
    convs: int


def trunk_convs(op: Op) -> Iterator[ops.Conv]:
    """Yield the convolutions on the main path: no projections, no gates, the longest branch."""
    match op:
        case ops.Conv():
            yield op
        case ops.Sequence():
            for child in op.children:
                yield from trunk_convs(child)
        case ops.Residual() | ops.Fold() | ops.Resized():
            yield from trunk_convs(op.body)
        case (
            ops.Sum() | ops.Product() | ops.Split() | ops.Concat() | ops.Quadrants() | ops.Outputs()
        ):
            yield from max((list(trunk_convs(branch)) for branch in op.branches), key=len)
        case ops.Gate():
            pass
        case _ if isinstance(op, COMBINATORS):
            raise no_rule(op, "trunk", "nasfer.proxies.trunk")


@lru_cache(maxsize=65536)
def block_widths(block: Block) -> Widths:
    """Return the summed log widths; a convolution's width is ``C_in * k^2 / groups``."""
    widths = [op.in_channels * op.kernel**2 / op.groups for op in trunk_convs(block.ops())]
    return Widths(sum(map(math.log, widths)), len(widths))


def refuse_late_trunk(arch: Arch, proxy: str) -> None:
    """Refuse a network whose trunk goes on in its head, such as AMP-Net's.

    DeepMAD's entropy ends at the last map, so it would not see most of it.

    Raises:
        ProxyError: the head has convolutions on its main path.
    """
    if block_widths(arch.head).convs:
        raise ProxyError(
            f"{proxy}: {type(arch.head).__name__} goes on convolving behind the last map, where"
            " this score ends; use `proxy`: zen, flops, params or depth"
        )
