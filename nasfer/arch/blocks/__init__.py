"""The block kinds; importing this room registers them."""

from nasfer.arch.blocks.head import Head
from nasfer.arch.blocks.superblocks import SuperConv, SuperResIDW, SuperResK1KK1, SuperResKK

__all__ = ["Head", "SuperConv", "SuperResIDW", "SuperResK1KK1", "SuperResKK"]
