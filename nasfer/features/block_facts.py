"""What one block adds to a network's features: a walk over its op tree, once a block and shape."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from nasfer.arch import Block, ops
from nasfer.arch.ops import Op, Shape
from nasfer.arch.parts import COMBINATORS, children
from nasfer.arch.shapes import output_shape
from nasfer.costs.counters import count
from nasfer.costs.memory import peak_activation_bytes

SUMS = (
    "params", "flops", "convs", "layers", "expansion", "large_kernels", "kernels", "depthwise",
    "gates", "links", "activations", "log_width", "blocks",
)  # fmt: skip
"""What is summed over blocks; `nasfer.features.aggregates` says what each is."""

STAGES = 9
"""Halvings of the image that are told apart: 0 is the image's size, 8 a 256th of it and less."""

LARGE = 5
"""A kernel of this side and more is large."""


@dataclass(slots=True)
class BlockFacts:
    """What a block adds.

    Args:
        sums: by the names of `SUMS`.
        flops_at: FLOPs on maps of each size, by halvings of the image.
        peak: bytes of activations that are alive at once.
        narrowest: channels of its narrowest convolution outside gates.
        output: what it writes.
    """

    sums: dict[str, float]
    flops_at: list[float]
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
        image: side of the image, in pixels.
    """
    tree = block.ops()
    walk = _Walk(image)
    output = walk.follow(tree, shape, stage_of(image, shape.height))
    walk.sums["blocks"] = 1.0
    peak = float(peak_activation_bytes(tree, shape))
    return BlockFacts(walk.sums, walk.flops_at, peak, walk.narrowest, output)


@dataclass(slots=True)
class _Walk:
    """One walk over a tree, in order of execution."""

    image: int
    sums: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SUMS, 0.0))
    flops_at: list[float] = field(default_factory=lambda: [0.0] * STAGES)
    narrowest: float = math.inf
    pointwise: ops.Conv | None = None
    """The 1 x 1 convolution that the next spatial one reads, through an activation."""
    rectified: bool = False

    def follow(self, op: Op, shape: Shape, stage: int, *, gated: bool = False) -> Shape:
        """Add up what ``op`` is made of; return what it writes.

        Args:
            stage: of maps of one cell: they belong to the map that they are the mean of.
            gated: whether this is inside a gate: its layers are on no path of their own.
        """
        out = output_shape(op, shape)
        if not isinstance(op, COMBINATORS):
            at = stage if gated or out.height == 1 else stage_of(self.image, out.height)
            self._leaf(op, shape, out, at, gated)
            return out
        if isinstance(op, ops.Gate):
            self.sums["gates"] += 1
        elif isinstance(op, ops.Residual):
            self.sums["links"] += 1
            self.pointwise = None
        for _, child, into in children(op, shape):
            at = stage if gated or into.height == 1 else stage_of(self.image, into.height)
            self.follow(child, into, at, gated=gated or isinstance(op, ops.Gate))
        return out

    def _leaf(self, op: Op, shape: Shape, out: Shape, stage: int, gated: bool) -> None:
        counts = count(op, shape, out)
        self.sums["params"] += counts.params
        self.sums["flops"] += counts.flops
        self.flops_at[stage] += counts.flops
        if gated:
            return
        if isinstance(op, ops.Activation):
            self.sums["activations"] += 1
            self.rectified = True
        elif isinstance(op, ops.Conv):
            self._conv(op)

    def _conv(self, op: ops.Conv) -> None:
        sums = self.sums
        sums["convs"] += 1
        self.narrowest = min(self.narrowest, op.out_channels)
        if op.kernel == 1:
            self.pointwise, self.rectified = op, False
            return
        before = self.pointwise
        widened = before is not None and self.rectified
        sums["layers"] += 1
        sums["expansion"] += op.in_channels / before.in_channels if widened and before else 1.0
        sums["large_kernels"] += op.kernel >= LARGE
        sums["kernels"] += op.kernel
        sums["depthwise"] += op.groups == op.in_channels > 1
        sums["log_width"] += math.log(op.out_channels)
        self.pointwise = None
