"""Heads stand at the end, and nowhere else."""

from __future__ import annotations

import pytest

from nasfer.arch import Arch, parse_arch
from nasfer.arch.blocks import Head, SuperConv
from nasfer.errors import SpecError

STEM = SuperConv(3, 8, kernel=3, stride=2, repeats=1)


def test_a_head_in_the_middle_is_refused() -> None:
    with pytest.raises(SpecError, match=r"blocks\[1\]: Head is a head"):
        parse_arch("SuperConvK3BNRELU(3,8,2,1)Head(8,8)SuperConvK3BNRELU(8,8,2,1)")


def test_a_block_as_head_is_refused() -> None:
    with pytest.raises(SpecError, match="head: SuperConv is no head"):
        Arch((STEM,), SuperConv(8, 7, kernel=1, stride=1, repeats=1))


def test_channels_of_the_head_chain() -> None:
    with pytest.raises(SpecError, match=r"head.in_channels: 16, but the block before it writes 8"):
        Arch((STEM,), Head(16, 7))
