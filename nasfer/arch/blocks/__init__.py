"""The block kinds; importing this room registers them."""

from nasfer.arch.blocks.amp_net import AMPHead, ResNetLayer, ResNetStem
from nasfer.arch.blocks.attention_emotion_net import (
    AttentionConv,
    AttentionHead,
    AttentionSE,
    AttentionStem,
)
from nasfer.arch.blocks.conv import ConvBN
from nasfer.arch.blocks.efficientface import LocalShuffleStage, ShuffleStage
from nasfer.arch.blocks.emo_net import EmoStage
from nasfer.arch.blocks.head import Head
from nasfer.arch.blocks.mbconv import Identity, MBConv
from nasfer.arch.blocks.superblocks import SuperConv, SuperResIDW, SuperResK1KK1, SuperResKK

__all__ = [
    "AMPHead", "AttentionConv", "AttentionHead", "AttentionSE", "AttentionStem", "ConvBN",
    "EmoStage", "Head", "Identity", "LocalShuffleStage", "MBConv", "ResNetLayer", "ResNetStem",
    "ShuffleStage", "SuperConv", "SuperResIDW", "SuperResK1KK1", "SuperResKK",
]  # fmt: skip
