"""Accel-NASBench: 5,125 chains of seven stages, trained on ImageNet by a short recipe.

Source: Ahmad et al., "Accel-NASBench: Sustainable Benchmarking for Accelerator-Aware NAS", DAC
2024, arXiv:2404.08005; the file ``accel-nasbench_imagenet.json`` is its training set, reduced to
stages, accuracy, parameters and multiply-adds. It has 5,138 trainings: 13 of the networks were
trained twice, which tells how much a seed changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from nasfer.arch import Arch, Block, ops
from nasfer.arch.blocks import ConvBN, Head, MBConv
from nasfer.arch.ops import Shape
from nasfer.arch.parts import leaves
from nasfer.arch.shapes import output_shape
from nasfer.costs import input_shape
from nasfer.costs.counters import count
from nasfer.pools.benchmarks import BENCHMARKS, Benchmark, Entry, validated

STEM = ConvBN(3, 32, kernel=3, stride=2)
STRIDES = (1, 2, 2, 2, 1, 2, 1)
WIDTHS = (16, 24, 40, 80, 112, 192, 320)
"""Channels behind each stage."""

LAST = ConvBN(320, 1280, kernel=1, stride=1)
HEAD = Head(1280, 1000)
SE_RATIO = 0.25

PX = 224
NORMED = 4
"""Multiply-adds that the table counts for each value behind a batch norm; nasfer's FLOPs have 2."""

Stage = tuple[Literal[1, 4, 6], Literal[3, 5], Literal[1, 2, 3, 4], Literal[0, 1]]
"""Expansion, kernel, layers, squeeze-and-excitation."""


class _Row(TypedDict):
    blocks: Annotated[list[Stage], Field(min_length=7, max_length=7)]
    val_top1: Annotated[float, Field(ge=0, le=100)]
    params: int
    macs: int


def accel_network(stages: list[Stage]) -> Arch:
    """Return the network of seven stages; what the published code activates by is taken as ReLU.

    Example:
        >>> str(accel_network([(4, 3, 2, 1)] * 7).blocks[1])
        'MBConvE4K3(32,16,1,2,se_ratio=0.25)'
    """
    blocks = (_stage(place, *stage) for place, stage in enumerate(stages))
    return Arch((STEM, *blocks, LAST), HEAD)


@lru_cache(maxsize=1024)
def _stage(place: int, expansion: int, kernel: int, layers: int, gated: int) -> MBConv:
    into = WIDTHS[place - 1] if place else STEM.out_channels
    ratio = SE_RATIO if gated else 0.0
    return MBConv(into, WIDTHS[place], kernel, STRIDES[place], layers, expansion, ratio)


def _looks_so(data: Any) -> bool:
    first = data[0] if isinstance(data, list) and data else None
    return isinstance(first, dict) and "blocks" in first


def _macs(arch: Arch) -> int:
    """Multiply-adds of convolutions and linears, 4 a value normed, 1 a value averaged or a mean."""
    shape, total = input_shape(arch, PX), 0
    for block in (*arch.blocks, arch.head):
        macs, shape = _block_macs(block, shape)
        total += macs
    return total


@lru_cache(maxsize=65536)
def _block_macs(block: Block, shape: Shape) -> tuple[int, Shape]:
    total, tree = 0, block.ops()
    for _, op, into, out in leaves(tree, shape):
        match op:
            case ops.BatchNorm():
                total += NORMED * into.numel
            case ops.GlobalMean():
                total += into.numel + out.numel
            case _:
                total += count(op, into, out).macs
    return total, output_shape(tree, shape)


def _entries(data: Any) -> Iterator[Entry]:
    rows: list[_Row] = validated(list[_Row], data)
    for number, row in enumerate(rows):
        arch = accel_network(row["blocks"])
        yield Entry(f"[{number}]", arch, (row["val_top1"],), row["params"], row["macs"])


BENCHMARKS.add(
    "accel_nasbench",
    Benchmark(
        "accel_nasbench", "ImageNet", PX, "as published, short",
        "Ahmad et al., DAC 2024, arXiv:2404.08005", _macs, _looks_so, _entries,
    ),
)  # fmt: skip
