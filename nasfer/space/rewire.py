"""Put blocks in the place of others, and make what stands around them fit."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import lru_cache

from nasfer.arch import Arch, Block
from nasfer.errors import SpecError


def rewired(arch: Arch, start: int, stop: int, new: Sequence[Block]) -> Arch | None:
    """Replace ``blocks[start:stop]`` and make the blocks around read what they are given.

    ``None`` where one of these cannot read so many channels.
    """
    blocks = [*arch.blocks[:start], *new, *arch.blocks[stop:]]
    head = arch.head
    try:
        for index in (start, start + len(new)):
            if 0 < index < len(blocks):
                channels = blocks[index - 1].out_channels
                if blocks[index].in_channels != channels:
                    blocks[index] = _reading(blocks[index], channels)
        if head.in_channels != blocks[-1].out_channels:
            head = _reading(head, blocks[-1].out_channels)
    except SpecError:
        return None
    return Arch.chained(tuple(blocks), head)


def with_classes(head: Block, classes: int) -> Block:
    """Return the head for another number of classes."""
    return head if head.out_channels == classes else dataclasses.replace(head, out_channels=classes)


@lru_cache(maxsize=262144)
def _reading(block: Block, channels: int) -> Block:
    """Return the block for another number of channels before it."""
    kind = type(block)
    fields = {name: getattr(block, name) for name in kind.__match_args__}
    return kind(**{**fields, "in_channels": channels})
