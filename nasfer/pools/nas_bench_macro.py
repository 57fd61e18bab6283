"""NAS-Bench-Macro: 6,561 chains of eight layers, each trained three times on CIFAR-10.

Source: Su et al., "Prioritized architecture sampling with Monto-Carlo tree search", CVPR 2021,
arXiv:2103.11922; the file ``nas-bench-macro_cifar10.json`` of its repository.

Where a layer that passes stands within its stage changes no figure: the 6,561 keys are 3,969
functions. They are kept apart, as the table keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from nasfer.arch import Arch, Block
from nasfer.arch.blocks import ConvBN, Head, Identity, MBConv
from nasfer.pools.benchmarks import BENCHMARKS, Benchmark, Entry, validated
from nasfer.pools.counting import counted

STEM = ConvBN(3, 32, kernel=3, stride=1)
WIDTHS = (64, 64, 128, 128, 128, 256, 256, 256)
"""Channels behind each layer; the first layer of each width has stride 2."""

LAST = ConvBN(256, 1280, kernel=1, stride=1)
HEAD = Head(1280, 10)
PX = 32
KEY = re.compile("[012]{8}")

Percent = Annotated[float, Field(ge=0, le=100)]


class _Row(TypedDict):
    test_acc: Annotated[list[Percent], Field(min_length=1, max_length=100)]
    params: int
    flops: int


def macro_network(key: str) -> Arch:
    """Return the network of eight digits: 0 is Identity, 1 is MBConv E3 K3, 2 is MBConv E6 K5.

    Raises:
        ValueError: no such key.
    Example:
        >>> str(macro_network("01000000"))[:55]
        'ConvK3BN(3,32,1)Identity(32,64,2)MBConvE3K3(64,64,1,1)I'
    """
    if not KEY.fullmatch(key):
        raise ValueError(f"{key[:40]!r}: eight digits from 0 to 2 are needed")
    return Arch((STEM, *(_layer(place, digit) for place, digit in enumerate(key)), LAST), HEAD)


@lru_cache(maxsize=24)
def _layer(place: int, digit: str) -> Block:
    out = WIDTHS[place]
    into = WIDTHS[place - 1] if place else STEM.out_channels
    stride = 1 if into == out else 2
    if digit == "0":
        return Identity(into, out, stride)
    kernel, expansion = (3, 3) if digit == "1" else (5, 6)
    return MBConv(into, out, kernel, stride, repeats=1, expansion=expansion)


def _looks_so(data: Any) -> bool:
    return isinstance(data, dict) and KEY.fullmatch(next(iter(data), "")) is not None


def _entries(data: Any) -> Iterator[Entry]:
    rows: dict[str, _Row] = validated(dict[str, _Row], data)
    for key, row in rows.items():
        yield Entry(key, macro_network(key), tuple(row["test_acc"]), row["params"], row["flops"])


def _macs(arch: Arch) -> int:
    """Multiply-adds of convolutions and linears."""
    return counted(arch, PX).macs


BENCHMARKS.add(
    "nas_bench_macro",
    Benchmark(
        "nas_bench_macro", "CIFAR-10", PX, "as published",
        "Su et al., CVPR 2021, arXiv:2103.11922", _macs, _looks_so, _entries,
    ),
)  # fmt: skip
