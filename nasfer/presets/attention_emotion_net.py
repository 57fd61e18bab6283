"""AttentionEmotionNet (EmotionNet): grey 48-pixel faces, eight classes, logits."""

from __future__ import annotations

import re

from nasfer.arch import parse_arch
from nasfer.presets._base import Preset, Published, register_preset

ARCH = parse_arch(
    "AttentionStem(1,128,64)AttentionConv(128,256,256,attention=local_global)"
    "AttentionConv(256,384,384,attention=pyramid)AttentionSE(384,384,dropout=0.1)"
    "AttentionSE(384,384,dropout=0.2)AttentionSE(384,384,dropout=0.3)AttentionHead(384,8)"
)

_PATTERNS = (
    (r"features\.0\.(\d)", r"stem.\1"),
    (r"features\.1\.6\.body\.0\.branches\.0\.0", r"conv_block1.6.local_conv"),
    (r"features\.1\.6\.body\.0\.branches\.0\.1\.scale", r"conv_block1.6.local_weight"),
    (r"features\.1\.6\.body\.0\.branches\.1\.0\.body\.1", r"conv_block1.6.global_conv"),
    (r"features\.1\.6\.body\.0\.branches\.1\.1\.scale", r"conv_block1.6.global_weight"),
    (r"features\.2\.6\.body\.0\.branches\.(\d)\.0", r"conv_block2.6.scale_projs.\1"),
    (r"features\.2\.6\.body\.0\.branches\.(\d)\.1\.body", r"conv_block2.6.cross_scale_attn.\1"),
    (r"features\.([12])\.6\.body\.1", r"conv_block\1.6.fusion.0"),
    (r"features\.([12])\.6\.body\.2", r"conv_block\1.6.fusion.1"),
    (r"features\.([12])\.(\d)", r"conv_block\1.\2"),
    (r"head\.0\.body\.0\.branches\.0", r"region_attention.region_conv"),
    (r"head\.0\.body\.0\.branches\.1\.branches", r"region_attention.region_enhancement"),
    (r"head\.0\.body\.1", r"region_attention.fusion.0"),
    (r"head\.0\.body\.2", r"region_attention.fusion.1"),
)


def published_key(key: str) -> str:
    """Translate a key of nasfer's state dict to the published code's.

    Example:
        >>> published_key("features.4.5.body.2.weight")
        'res_blocks.1.5.fc.0.weight'
        >>> published_key("head.4.bias")
        'classifier.1.bias'
    """
    squeeze = re.fullmatch(r"features\.([345])\.5\.body\.(\d)\.(.+)", key)
    if squeeze:
        return f"res_blocks.{int(squeeze[1]) - 3}.5.fc.{int(squeeze[2]) - 2}.{squeeze[3]}"
    stage = re.fullmatch(r"features\.([345])\.(.+)", key)
    if stage:
        return f"res_blocks.{int(stage[1]) - 3}.{stage[2]}"
    classifier = re.fullmatch(r"head\.(\d+)\.(weight|bias)", key)
    if classifier:
        return f"classifier.{int(classifier[1]) - 3}.{classifier[2]}"
    for ours, theirs in _PATTERNS:
        found = re.match(ours + r"(?=\.|$)", key)
        if found:
            return found.expand(theirs) + key[found.end() :]
    return key


ATTENTION_EMOTION_NET = register_preset(
    Preset(
        "attention_emotion_net", ARCH, 48, 12_818_770, 1_442_525_952, Published(),
        "EmotionNet repository, AttentionEmotionNet; no figures are published", published_key,
        recipe="attention_emotion_net",
        class_names=(
            "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt",
        ),
    )
)  # fmt: skip
