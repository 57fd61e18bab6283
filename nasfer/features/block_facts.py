"""What one block adds to a network's features: a walk over its op tree, once a block and shape."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from nasfer.arch import Block, ops
from nasfer.arch.ops import Op, Shape
from nasfer.arch.parts import COMBINATORS, children
from nasfer.arch.shapes import output_shape
from nasfer.costs.counters import count
from nasfer.costs.memory import peak_activation_bytes

SUMS = (
    "params", "flops", "convs", "layers", "expansion", "large_kernels", "kernels", "depthwise",
    "gates", "links", "activations", "log_width",
)  # fmt: skip
"""What is summed over blocks; `nasfer.features.aggregates` says what each is."""

STAGES = 9
"""Halvings of the image that are told apart: 0 is the image's size, 8 a 256th of it and less."""

LARGE = 5
"""A kernel of this side and more is large."""


class BlockFacts(NamedTuple):
    """What a block adds.

    Args:
        sums: in the order of `SUMS`.
        flops_at: FLOPs on maps of each size, by halvings of the image.
        peak: bytes of activations that are alive at once.
        narrowest: channels of its narrowest convolution outside gates; infinite without one.
        output: what it writes.
    """

    sums: tuple[float, ...]
    flops_at: tuple[float, ...]
    peak: float
    narrowest: float
    output: Shape


def stage_of(image: int, size: int) -> int:
    """Return by how many halvings a map is smaller than the image.

    Example:
        >>> [stage_of(48, size) for size in (48, 24, 12, 6, 3, 2, 1)]
        [0, 1, 2, 3, 4, 5, 6]
    """
    return min(STAGES - 1, max(0, round(math.log2(image / size))))


def block_facts(block: Block, shape: Shape, image: int) -> BlockFacts:
    """Return what a block adds where it reads ``shape``.

    Args:
        block: of an architecture; its head, too.
        shape: of the map before it.
        image: side of the image, in pixels.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> stem = parse_arch("SuperConvK3BNRELU(3,8,2,1)").blocks[0]
        >>> facts = block_facts(stem, Shape(3, 8, 8), 8)
        >>> dict(zip(SUMS, facts.sums))["params"], facts.output[:3]
        (232.0, (8, 4, 4))
    """
    tree = block.ops()
    walk = _Walk(image)
    output = walk.follow(tree, shape, stage_of(image, shape.height))
    peak = float(peak_activation_bytes(tree, shape))
    return BlockFacts(tuple(walk.sums.values()), tuple(walk.flops_at), peak, walk.narrowest, output)


@dataclass(slots=True)
class _Walk:
    """One walk over a tree, in order of execution."""

    image: int
    sums: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SUMS, 0.0))
    flops_at: list[float] = field(default_factory=lambda: [0.0] * STAGES)
    narrowest: float = math.inf
    pointwise: ops.Conv | None = None  # the 1 x 1 convolution before the next spatial one
    activated: bool = False  # whether an activation stands between them

    def follow(self, op: Op, shape: Shape, stage: int, *, gated: bool = False) -> Shape:
        """Add up what ``op`` is made of; return what it writes.

        Args:
            stage: of the last map; a single cell belongs to the map that it is the mean of.
            gated: whether this is inside a gate: its layers are on no path of their own.
        """
        out = output_shape(op, shape)
        if not isinstance(op, COMBINATORS):
            self._leaf(op, shape, out, self._stage(out, stage, gated), gated)
            return out
        if isinstance(op, ops.Gate):
            self.sums["gates"] += not gated
            gated = True
        elif isinstance(op, ops.Residual):
            self.sums["links"] += 1
            self.pointwise = None
        for _, child, into in children(op, shape):
            stage = self._stage(into, stage, gated)
            self.follow(child, into, stage, gated=gated)
        return out

    def _stage(self, shape: Shape, last: int, gated: bool) -> int:
        return last if gated or shape.height == 1 else stage_of(self.image, shape.height)

    def _leaf(self, op: Op, shape: Shape, out: Shape, stage: int, gated: bool) -> None:
        counts = count(op, shape, out)
        self.sums["params"] += counts.params
        self.sums["flops"] += counts.flops
        self.flops_at[stage] += counts.flops
        if gated:
            return
        if isinstance(op, ops.Activation):
            self.sums["activations"] += 1
            self.activated = True
        elif isinstance(op, ops.Conv):
            self._conv(op)

    def _conv(self, op: ops.Conv) -> None:
        sums = self.sums
        sums["convs"] += 1
        self.narrowest = min(self.narrowest, op.out_channels)
        if op.kernel == 1:
            self.pointwise, self.activated = op, False
            return
        before = self.pointwise if self.activated else None
        sums["layers"] += 1
        sums["expansion"] += 1.0 if before is None else op.in_channels / before.in_channels
        sums["large_kernels"] += op.kernel >= LARGE
        sums["kernels"] += op.kernel
        sums["depthwise"] += op.groups == op.in_channels > 1
        sums["log_width"] += math.log(op.out_channels)
        self.pointwise = None
