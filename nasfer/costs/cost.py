"""The cost of an architecture, read off its op tree: exact, at any input size, without torch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from nasfer.arch import Arch, Block
from nasfer.arch.ops import Op, Sequence, Shape, within
from nasfer.arch.parts import COMBINATORS, children, leaves
from nasfer.arch.shapes import output_shape
from nasfer.costs.counters import Counts, count
from nasfer.costs.memory import peak_activation_bytes
from nasfer.errors import SpecError

LARGEST_PX = 8192
"""Side of the largest images, in pixels."""

MOST_PARAMS = 2 * 10**9
MOST_ACTIVATION_BYTES = 64 * 2**30
"""No face needs a larger network, and hardly a machine could train it."""


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
        SpecError: a side is under 1, or over `LARGEST_PX`.
    """
    height, width = (resolution, resolution) if isinstance(resolution, int) else resolution
    if min(height, width) < 1:
        raise SpecError(f"resolution: {resolution} is not positive")
    if max(height, width) > LARGEST_PX:
        raise SpecError(f"resolution: {_size(resolution)} px; {LARGEST_PX:,} at most are allowed")
    return Shape(arch.in_channels, height, width)


def _size(resolution: int | tuple[int, int]) -> str:
    sides = (resolution,) if isinstance(resolution, int) else resolution
    return "x".join(str(side) if side < 10**9 else "over a billion" for side in sides)


@contextmanager
def _naming(resolution: int | tuple[int, int]) -> Iterator[None]:
    """Name the size of the image in the error of a network that does not allow it."""
    try:
        yield
    except SpecError as error:
        raise SpecError(
            f"resolution: {_size(resolution)} px is too small for this network: {error}"
        ) from None


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
        SpecError: the resolution is out of range, the network pools its maps away, or it is larger
            than `MOST_PARAMS` or `MOST_ACTIVATION_BYTES`.
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
    _check_size(params, peak)
    return Cost(params, flops, macs, layers, peak)


def last_map(arch: Arch, resolution: int | tuple[int, int] = 224) -> int:
    """Return the side of the map that the head reads, in cells: the longer one.

    Raises:
        SpecError: as `cost`.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> last_map(parse_arch("SuperConvK3BNRELU(3,8,2,1)"), 48)
        24
    """
    shape = input_shape(arch, resolution)
    with _naming(resolution):
        for block in arch.blocks:
            shape = block_cost(block, shape).output
    return max(shape.height, shape.width)


def _check_size(params: int, peak: int) -> None:
    if params > MOST_PARAMS:
        raise SpecError(f"a network of {params:,} parameters; {MOST_PARAMS:,} at most are allowed")
    if peak > MOST_ACTIVATION_BYTES:
        raise SpecError(
            f"a network whose maps take {peak / 2**30:,.0f} GiB for one image;"
            f" {MOST_ACTIVATION_BYTES // 2**30} GiB at most are allowed"
        )


def check_params(arch: Arch) -> None:
    """Refuse a network that is too large to be built; the size of its images does not matter.

    Raises:
        SpecError: it has more than `MOST_PARAMS` parameters.
    """
    _check_size(sum(_params(block.ops()) for block in (*arch.blocks, arch.head)), 0)


def _params(op: Op) -> int:
    """Count the parameters of a tree, which do not follow shapes; a leaf counts what it holds."""
    if isinstance(op, COMBINATORS):
        return sum(map(_params, within(op)))
    cell = Shape(1, 1, 1)
    return count(op, cell, cell).params


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
