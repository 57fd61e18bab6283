"""EMO-Net: MobileNet-V2 with efficient channel attention and a weighted auxiliary branch."""

from __future__ import annotations

import re
from itertools import accumulate

from nasfer.arch import parse_arch
from nasfer.presets._base import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    Preset,
    Published,
    register_preset,
)

SOURCE = "EMO-Net, published code (lambda 0.8; its checkpoints were trained with 0.5 or 0.6)"

ARCH = parse_arch(
    "ConvK3BN(3,32,2,activation=relu6)EmoResE1K3(32,16,1,1)EmoResE6K3(16,24,2,2)"
    "EmoResE6K3(24,32,2,3)EmoResE6K3(32,64,2,4)EmoResE6K3(64,96,1,3)EmoResE6K3(96,160,2,3)"
    "EmoResE6K3(160,320,1,1)ConvK1BN(320,1280,1,activation=relu6)Head(1280,7,dropout=0.2)"
)

_FIRST_RESIDUAL = tuple(accumulate((block.layers for block in ARCH.blocks), initial=0))
"""For each block, how many published feature layers come before it."""

_NARROW = {"0": "conv.0.0", "1": "conv.0.1", "3": "conv.1", "4": "conv.2"}
_WIDE = {
    "0": "conv.0.0", "1": "conv.0.1", "3": "conv.1.0", "4": "conv.1.1", "6": "conv.2",
    "7": "conv.3",
}  # fmt: skip
_RESIDUAL = re.compile(r"features\.(\d+)\.(\d+)\.(body|shortcut)\.(\d+)\.(.+)")


def published_key(key: str) -> str:
    """Translate a key of nasfer's state dict to the published code's.

    Example:
        >>> published_key("features.2.1.body.8.body.1.conv.weight")
        'features.3.channel.conv1.weight'
        >>> published_key("features.1.0.shortcut.0.weight")  # spelt so in the published code
        'features.1.dowmSample.0.weight'
    """
    if key.startswith("head.3."):
        return "classifier.1." + key.removeprefix("head.3.")
    residual = _RESIDUAL.fullmatch(key)
    if residual is None:  # the stem or the last convolution
        return re.sub(r"\d+", lambda match: str(_FIRST_RESIDUAL[int(match[0])]), key, count=1)
    block, index, part, layer, rest = residual.groups()
    prefix = f"features.{_FIRST_RESIDUAL[int(block)] + int(index)}"
    if part == "shortcut":
        return f"{prefix}.dowmSample.{layer}.{rest}"
    if rest.startswith("body.1.conv."):
        return f"{prefix}.channel.conv1.{rest.removeprefix('body.1.conv.')}"
    return f"{prefix}.{(_NARROW if block == '1' else _WIDE)[layer]}.{rest}"


EMO_NET = register_preset(
    Preset(
        name="emo_net",
        arch=ARCH,
        resolution=224,
        params=2_310_738,
        flops=327_308_416,
        published=Published(
            "2.31M", "0.34G",
            (
                ("RAF-DB, lambda 0.5", 91.30), ("RAF-DB, lambda 0.6", 91.52),
                ("AffectNet-7, lambda 0.6", 65.456), ("AffectNet-8, lambda 0.6", 62.08),
            ),
        ),
        source=SOURCE,
        published_key=published_key,
        recipe="emo_net",
        class_names=(
            "surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral",
        ),
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
    )
)  # fmt: skip
