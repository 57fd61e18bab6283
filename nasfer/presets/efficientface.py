"""EfficientFace: ShuffleNet-V2 with local features and a channel-spatial modulator."""

from __future__ import annotations

import re

from nasfer.arch import parse_arch
from nasfer.presets._base import Preset, Published, register_preset

SOURCE = (
    "Zhao et al., Robust Lightweight Facial Expression Recognition Network with Label Distribution"
    " Training, AAAI 2021"
)

ARCH = parse_arch(
    "ConvK3BN(3,29,2,pool=1)LocalShuffleK3(29,116,2,4)ShuffleK3(116,232,2,8)ShuffleK3(232,464,2,4)"
    "ConvK1BN(464,1024,1)Head(1024,7,pooled=0)"
)

_ENDS = {"features.0.": "conv1.", "features.4.": "conv5.", "head.2.": "fc."}
_ADDITIONS = "features.1.branches."
_MODULATOR = {
    f"{_ADDITIONS}0.1.body.0.branches.{ours}.": f"modulator.{theirs}."
    for ours, theirs in {
        "0.2": "channel_att.gate_c.gate_c_fc_0",
        "0.4": "channel_att.gate_c.gate_c_bn_1",
        "0.7": "channel_att.gate_c.gate_c_fc_final",
        "1.0": "spatial_att.gate_s.gate_s_conv_reduce0",
        "1.1": "spatial_att.gate_s.gate_s_bn_reduce0",
        "1.3": "spatial_att.gate_s.gate_s_conv_di_0",
        "1.4": "spatial_att.gate_s.gate_s_bn_di_0",
        "1.6": "spatial_att.gate_s.gate_s_conv_di_1",
        "1.7": "spatial_att.gate_s.gate_s_bn_di_1",
        "1.9": "spatial_att.gate_s.gate_s_conv_final",
    }.items()
}
_LOCAL = {
    f"{_ADDITIONS}1.branches.{quadrant}.{layer}.": f"local.{name}{quadrant + 1}_{depth}."
    for quadrant in range(4)
    for layer, name, depth in ((0, "conv", 1), (1, "bn", 1), (3, "conv", 2), (4, "bn", 2))
}
_PREFIXES = {**_ENDS, **_MODULATOR, **_LOCAL}
_UNIT = re.compile(r"features\.(?:1\.branches\.0\.0|([23]))\.(\d+)\.0\.branches\.([01])\.(.+)")


def published_key(key: str) -> str:
    """Translate a key of nasfer's state dict to the published code's.

    Example:
        >>> published_key("features.2.0.0.branches.1.3.weight")
        'stage3.0.branch2.3.weight'
        >>> published_key("features.1.branches.1.branches.2.4.bias")
        'local.bn3_2.bias'
    """
    unit = _UNIT.fullmatch(key)
    if unit:
        block, index, branch, rest = unit.groups()
        return f"stage{int(block or 1) + 1}.{index}.branch{int(branch) + 1}.{rest}"
    for ours, theirs in _PREFIXES.items():
        if key.startswith(ours):
            return theirs + key.removeprefix(ours)
    return key


EFFICIENTFACE = register_preset(
    Preset(
        name="efficientface",
        arch=ARCH,
        resolution=224,
        params=1_275_293,
        flops=154_159_278,
        published=Published(
            "1.28M", "154.18M",
            (
                ("RAF-DB", 88.36), ("CAER-S", 85.87),
                ("AffectNet-7", 63.70), ("AffectNet-8", 59.89),
            ),
        ),
        source=SOURCE,
        published_key=published_key,
        recipe="efficientface",
        class_names=(
            "neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger",
        ),
        mean=(0.5754, 0.4493, 0.4008),
        std=(0.2074, 0.1898, 0.1813),
    )
)  # fmt: skip
