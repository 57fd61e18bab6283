"""The cost of an architecture, read off its op tree: exact, at any input size, without torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from nasfer.arch import Arch, Block
from nasfer.arch.ops import Op, Shape
from nasfer.arch.shapes import leaves, output_shape
from nasfer.costs.counters import count_flops, count_macs, count_params
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


def block_cost(block: Block, shape: Shape) -> BlockCost:
    """Add up the leaves of one block."""
    tree = block.ops()
    rows = list(leaves(tree, shape))
    return BlockCost(
        params=sum(count_params(op) for _, op, _, _ in rows),
        flops=sum(count_flops(op, into, out) for _, op, into, out in rows),
        macs=sum(count_macs(op, into, out) for _, op, into, out in rows),
        layers=block.layers,
        output=output_shape(tree, shape),
    )


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
        SpecError: the resolution is not positive.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> cost(parse_arch("SuperConvK3BNRELU(3,8,2,1)"), 8)
        Cost(params=295, flops=3896, macs=3512, layers=1, peak_activation_bytes=1280)
    """
    shape = input_shape(arch, resolution)
    params = flops = macs = layers = peak = 0
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
    for name, tree in arch_ops(arch):
        for path, op, into, out in leaves(tree, shape, name):
            params, flops = count_params(op), count_flops(op, into, out)
            if params or flops:
                rows.append(
                    LayerCost(
                        path, type(op).__name__, into[:3], out[:3],
                        params, flops, count_macs(op, into, out),
                    )  # fmt: skip
                )
        shape = output_shape(tree, shape)
    return rows
