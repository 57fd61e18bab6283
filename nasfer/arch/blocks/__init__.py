"""The block kinds; importing this room registers them."""

from nasfer.arch.blocks.conv import ConvBN
from nasfer.arch.blocks.efficientface import LocalShuffleStage, ShuffleStage
from nasfer.arch.blocks.emo_net import EmoStage
from nasfer.arch.blocks.head import Head
from nasfer.arch.blocks.superblocks import SuperConv, SuperResIDW, SuperResK1KK1, SuperResKK

__all__ = [
    "ConvBN", "EmoStage", "Head", "LocalShuffleStage", "ShuffleStage", "SuperConv", "SuperResIDW",
    "SuperResK1KK1", "SuperResKK",
]  # fmt: skip
