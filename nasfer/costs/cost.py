"""The cost of an architecture, read off its op tree: exact, at any input size, without torch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from nasfer.arch import Arch, Block
from nasfer.arch.ops import Op, Sequence, Shape
from nasfer.arch.parts import COMBINATORS, children, leaves
from nasfer.arch.shapes import output_shape
from nasfer.costs.counters import Counts, count
from nasfer.costs.memory import peak_activation_bytes
from nasfer.errors import SpecError


@dataclass(frozen=True, slots=True)
class Cost:
    """What a network costs for one image.

    Args:
        params: trainable parameters; equals ``sum(p.numel())`` of the torch module.
        flops: as fvcore counts, one multiply-add is one; equals fvcore's total in eval mode.
        macs: multiply-adds of convolutions and linears only.
        layers: ZenNAS's count, the sum of the super-blocks' repeats.
        peak_activation_bytes: most bytes of float32 activations alive at once.
    """

    params: int
    flops: int
    macs: int
    layers: int
    peak_activation_bytes: int


@dataclass(frozen=True, slots=True)
class LayerCost:
    """One row of the per-layer table: a leaf of the op tree that costs something."""

    path: str
    op: str
    input_shape: tuple[int, int, int]
    output_shape: tuple[int, int, int]
    params: int
    flops: int
    macs: int


@dataclass(frozen=True, slots=True)
class BlockCost:
    """Cost of one block at one input shape; the cost of a network is their sum."""

    params: int
    flops: int
    macs: int
    layers: int
    output: Shape


def input_shape(arch: Arch, resolution: int | tuple[int, int]) -> Shape:
    """Return the shape of one image for ``arch``.

    Args:
        resolution: side of a square image, or (height, width), in pixels.
    Raises:
        SpecError: a side is under 1.
    """
    height, width = (resolution, resolution) if isinstance(resolution, int) else resolution
    if min(height, width) < 1:
        raise SpecError(f"resolution: {resolution} is not positive")
    return Shape(arch.in_channels, height, width)


@contextmanager
def _naming(resolution: int | tuple[int, int]) -> Iterator[None]:
    """Name the size of the image in the error of a network that does not allow it."""
    try:
        yield
    except SpecError as error:
        size = resolution if isinstance(resolution, int) else "x".join(map(str, resolution))
        raise SpecError(f"resolution: {size} px is too small for this network: {error}") from None


def block_cost(block: Block, shape: Shape) -> BlockCost:
    """Return the cost of one block that reads ``shape``."""
    counts, output = _tree_cost(block.ops(), shape)
    return BlockCost(*counts, layers=block.layers, output=output)


def _tree_cost(op: Op, shape: Shape) -> tuple[Counts, Shape]:
    """Add up a tree; a chain's parts are kept, since repeated residuals are the same value."""
    if isinstance(op, Sequence):
        params = flops = macs = 0
        for child in op.children:
            part_cost = _part_cost if isinstance(child, Sequence) else _tree_cost
            counts, shape = part_cost(child, shape)
            params += counts.params
            flops += counts.flops
            macs += counts.macs
        return Counts(params, flops, macs), shape
    if isinstance(op, COMBINATORS):
        parts = [_tree_cost(child, into)[0] for _, child, into in children(op, shape)]
        return Counts(*map(sum, zip(*parts))), output_shape(op, shape)
    out = output_shape(op, shape)
    return count(op, shape, out), out


_part_cost = lru_cache(maxsize=65536)(_tree_cost)


def arch_ops(arch: Arch) -> list[tuple[str, Op]]:
    """Return the op trees of blocks and head under the names that the torch module uses."""
    named = [(f"features.{index}", block.ops()) for index, block in enumerate(arch.blocks)]
    return [*named, ("head", arch.head.ops())]


@lru_cache(maxsize=1024)
def cost(arch: Arch, resolution: int | tuple[int, int] = 224) -> Cost:
    """Return what a network costs for one image.

    Args:
        arch: the architecture.
        resolution: side of a square image, or (height, width), in pixels.
    Raises:
        SpecError: the resolution is not positive, or the network pools its maps away.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> cost(parse_arch("SuperConvK3BNRELU(3,8,2,1)"), 8)
        Cost(params=295, flops=3896, macs=3512, layers=1, peak_activation_bytes=1280)
    """
    shape = input_shape(arch, resolution)
    params = flops = macs = layers = peak = 0
    with _naming(resolution):
        for block in (*arch.blocks, arch.head):
            part = block_cost(block, shape)
            params += part.params
            flops += part.flops
            macs += part.macs
            layers += part.layers
            peak = max(peak, peak_activation_bytes(block.ops(), shape))
            shape = part.output
    return Cost(params, flops, macs, layers, peak)


def layer_table(arch: Arch, resolution: int | tuple[int, int] = 224) -> list[LayerCost]:
    """Return one row for each operation that has parameters or FLOPs, in order of execution."""
    shape = input_shape(arch, resolution)
    rows = []
    with _naming(resolution):
        for name, tree in arch_ops(arch):
            for path, op, into, out in leaves(tree, shape, name):
                counts = count(op, into, out)
                if counts.params or counts.flops:
                    rows.append(LayerCost(path, type(op).__name__, into[:3], out[:3], *counts))
            shape = output_shape(tree, shape)
    return rows
