"""AMP-Net: patches and salient regions of the face by landmarks, beside the whole face."""

from __future__ import annotations

import re

from nasfer.arch import parse_arch
from nasfer.presets._base import Preset, Published, register_preset

ARCH = parse_arch(
    "ResNetStem(3,64)ResNetLayer(64,64,1,3)ResNetLayer(64,128,2,4)AMPHead(128,7,extras=1)"
)

_STEM = {"0": "conv1", "1": "bn1"}
_BLOCK = {
    "body.0": "conv1", "body.1": "bn1", "body.3": "conv2", "body.4": "bn2",
    "shortcut": "downsample",
    "body.5.body.1.body": "cbam.ChannelGate.mlp",
    "body.6.body.1": "cbam.SpatialGate.spatial.conv",
    "body.6.body.2": "cbam.SpatialGate.spatial.bn",
}  # fmt: skip
_ONE_SHOT = {
    "1": "concat.{osa}_concat/conv", "2": "concat.{osa}_concat/norm", "4.body.1": "ese.fc",
}  # fmt: skip
_ONE_SHOT_CONV = {"0": "conv", "1": "norm", "2.body.2": "pw_cbam.sigatten.fc2"}
_OCCLUSION = {
    "0": "spatial.conv", "1": "spatial.bn", "3": "spatial1.conv", "4": "spatial1.bn",
    "6.body.2": "fc2",
}  # fmt: skip
_EXTRA_HEADS = {"7": "fc_1_1", "8": "fc_2_1", "9": "fc_4", "10": "fc_4_1"}


def published_key(key: str) -> str:
    """Translate a key of nasfer's state dict to the published code's.

    Example:
        >>> published_key("features.2.0.0.shortcut.1.bias")
        'layer2.0.downsample.1.bias'
        >>> published_key("head.1.branches.0.0.branches.0.0.branches.3.2.1.0.body.6.body.1.weight")
        'layer3_2_4.1.cbam.SpatialGate.spatial.conv.weight'
        >>> published_key("head.1.branches.1.3.0.branches.1.1.branches.1.0.2.body.2.bias")
        'stage3.OSA3_1.layers.1.OSA3_1_1/pw_cbam.sigatten.fc2.bias'
    """
    for pattern, translate in _RULES:
        found = re.match(pattern, key)
        if found:
            return translate(found, key[found.end() :])
    return key


def _renamed(names: dict[str, str], rest: str) -> str:
    """Replace the start of a dotted key by its name."""
    for ours, theirs in names.items():
        if rest.startswith(f"{ours}."):
            return theirs + rest.removeprefix(ours)
    return rest


def _one_shot(found: re.Match[str], rest: str) -> str:
    stage = 2 + (int(found[1]) - 1) // 2  # stages 2, 3, 4 stand at 1, 3, 5
    osa = f"OSA{stage}_1"
    taps = re.match(r"0\.branches\.1\.((?:1\.branches\.1\.)*)0\.", rest)
    if taps is None:
        return f"stage{stage}.{osa}.{_renamed(_ONE_SHOT, rest).format(osa=osa)}"
    index = taps[1].count("branches")
    conv = _renamed(_ONE_SHOT_CONV, rest[taps.end() :])
    return f"stage{stage}.{osa}.layers.{index}.{osa}_{index}/{conv}"


_LOCAL = r"head\.1\.branches\.0\.0\.branches\."
_RULES = (
    (r"features\.0\.", lambda _, rest: _renamed(_STEM, rest)),
    (
        r"features\.([12])\.(\d)\.0\.",
        lambda m, rest: f"layer{m[1]}.{m[2]}.{_renamed(_BLOCK, rest)}",
    ),
    (
        _LOCAL + r"([01])\.0\.branches\.(\d)\.([12])\.(\d)\.0\.",
        lambda m, rest: (
            f"layer{3 + int(m[1])}_{m[3]}_{int(m[2]) + 1}.{m[4]}.{_renamed(_BLOCK, rest)}"
        ),
    ),
    (_LOCAL + r"([01])\.2\.", lambda m, rest: f"fc_{int(m[1]) + 1}.{rest}"),
    (r"head\.1\.branches\.0\.1\.", lambda _, rest: f"fc_5.{rest}"),
    (
        r"head\.0\.body\.([0-4])\.(\d)\.0\.",
        lambda m, rest: f"layer4_2_{int(m[1]) + 1}.{m[2]}.{_renamed(_BLOCK, rest)}",
    ),
    (r"head\.0\.body\.5\.", lambda _, rest: f"Occlusionlayer.{_renamed(_OCCLUSION, rest)}"),
    (r"head\.0\.body\.6\.", lambda _, rest: f"Occlusionlayer1.{_renamed(_OCCLUSION, rest)}"),
    (r"head\.0\.body\.", lambda _, rest: _renamed(_EXTRA_HEADS, rest)),
    (r"head\.1\.branches\.1\.8\.", lambda _, rest: f"fc_3.{rest}"),
    (r"head\.1\.branches\.1\.(\d)\.", _one_shot),
)

AMP_NET = register_preset(
    Preset(
        "amp_net", ARCH, 224, 105_670_414, 4_726_405_080,
        Published(
            "105.67M", None,
            (
                ("RAF-DB", 89.24), ("AffectNet-7", 64.54), ("AffectNet-8", 61.74),
                ("FER2013", 74.48), ("SFEW", 61.18),
            ),
        ),
        "Liu et al., IEEE TCSVT 2022; accuracies of the published logs", published_key,
        recipe="amp_net",
        class_names=(
            "surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral",
        ),
    )
)  # fmt: skip
