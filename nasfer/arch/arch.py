"""`Arch`: a network as one immutable value."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass

from nasfer.arch.block import Block
from nasfer.arch.blocks.head import Head
from nasfer.errors import SpecError

DEFAULT_CLASSES = 7

MOST_BLOCKS = 1_000

MOST_LAYERS = 5_000
"""Of all blocks together, repeats counted."""


@dataclass(frozen=True, slots=True)
class Arch:
    """A chain of blocks and a head.

    Equal values are equal networks; `digest` names one everywhere (ledger, tables, checkpoints).

    Args:
        blocks: each reads what the one before it writes; together they make the last feature map.
        head: turns that map into ``(N, classes)`` logits.
    Raises:
        SpecError: there is no block, there are too many or too many layers, channels do not chain,
            or what is a head is not at the end.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> arch = parse_arch("SuperConvK3BNRELU(3,8,2,1)")
        >>> arch.classes, arch.in_channels, arch.digest()
        (7, 3, '735063318c90')
    """

    blocks: tuple[Block, ...]
    head: Block

    def __post_init__(self) -> None:
        if not self.blocks:
            raise SpecError("architecture: no blocks; at least one is needed")
        if len(self.blocks) > MOST_BLOCKS:
            raise SpecError(f"blocks: {len(self.blocks):,}; {MOST_BLOCKS:,} at most are allowed")
        layers = sum(block.layers for block in self.blocks)
        if layers > MOST_LAYERS:
            raise SpecError(f"layers: {layers:,}; {MOST_LAYERS:,} at most are allowed")
        for index, block in enumerate(self.blocks):
            if block.is_head:
                raise SpecError(
                    f"blocks[{index}]: {type(block).__name__} is a head; it stands at the end alone"
                )
        if not self.head.is_head:
            raise SpecError(f"head: {type(self.head).__name__} is no head")
        chain = [*self.blocks, self.head]
        for index in range(1, len(chain)):
            before, after = chain[index - 1].out_channels, chain[index].in_channels
            if before != after:
                where = "head" if index == len(self.blocks) else f"blocks[{index}]"
                raise SpecError(
                    f"{where}.in_channels: {after}, but the block before it writes {before}"
                )

    @classmethod
    def of(cls, *blocks: Block, classes: int = DEFAULT_CLASSES) -> Arch:
        """Build an architecture from blocks, with the plain head."""
        if not blocks:
            raise SpecError("architecture: no blocks; at least one is needed")
        return cls(blocks, Head(blocks[-1].out_channels, classes))

    @classmethod
    def chained(cls, blocks: tuple[Block, ...], head: Block) -> Arch:
        """Build from blocks that are known to chain: no checks, for the inner loop of a search."""
        arch = object.__new__(cls)
        object.__setattr__(arch, "blocks", blocks)
        object.__setattr__(arch, "head", head)
        return arch

    @property
    def classes(self) -> int:
        """Number of logits."""
        return self.head.out_channels

    @property
    def in_channels(self) -> int:
        """Channels of the image: 3 for colour, 1 for grey."""
        return self.blocks[0].in_channels

    def with_classes(self, classes: int) -> Arch:
        """Return the same network for another number of classes."""
        return Arch(self.blocks, dataclasses.replace(self.head, out_channels=classes))

    def with_in_channels(self, channels: int) -> Arch:
        """Return the same network for images of another number of channels."""
        first = dataclasses.replace(self.blocks[0], in_channels=channels)
        return Arch((first, *self.blocks[1:]), self.head)

    def digest(self) -> str:
        """Return 12 hexadecimal digits of the SHA-256 of the text form: the identity everywhere."""
        return hashlib.sha256(str(self).encode()).hexdigest()[:12]

    def __str__(self) -> str:
        """Return the structure string; a plain head of seven classes is left out."""
        text = "".join(map(str, self.blocks))
        if self.head == Head(self.blocks[-1].out_channels, DEFAULT_CLASSES):
            return text
        return text + str(self.head)
