"""ZenNet-M, ZenNet-R and their shuffle-attention variants (ZenNet-SA-FER).

The paper's "ZenNet-M-SA" is ``zennet_m_sa``: shuffle attention after the global mean. ``_sa_all``
has it inside every residual instead.
"""

from __future__ import annotations

import dataclasses
import re

from nasfer.arch import Arch, parse_arch
from nasfer.arch.blocks.superblocks import SuperRes
from nasfer.presets._base import Preset, Published, register_preset

SOURCE = "ZenNet-SA-FER: An Efficient Lightweight Neural Network for Facial Expression, README"

M = parse_arch(
    "SuperConvK3BNRELU(3,64,2,1)SuperResIDWE2K7(64,48,2,48,1)SuperResIDWE2K7(48,80,2,80,1)"
    "SuperResIDWE2K7(80,96,2,96,3)SuperResIDWE2K7(96,96,1,96,3)SuperResIDWE6K7(96,32,2,40,4)"
    "SuperConvK1BNRELU(32,2048,1,1)"
)
R = parse_arch(
    "SuperConvK3BNRELU(3,8,1,1)SuperResK1K3K1(8,8,1,8,1)SuperResK1K5K1(8,32,2,8,1)"
    "SuperResK1K7K1(32,160,2,8,1)SuperResK1K7K1(160,256,2,16,5)SuperConvK1BNRELU(256,192,1,1)"
)


NOTHING_PRINTED = Published()


def with_refine_head(arch: Arch, groups: int = 8) -> Arch:
    """Return the network with shuffle attention after the global mean (``_sa``)."""
    return Arch(arch.blocks, dataclasses.replace(arch.head, sa=groups))  # type: ignore[call-arg]


def with_attention_inside(arch: Arch, groups: int = 4) -> Arch:
    """Return the network with shuffle attention inside every residual (``_sa_all``)."""
    blocks = (
        dataclasses.replace(block, sa=groups)  # type: ignore[call-arg]  # each SuperRes has it
        if isinstance(block, SuperRes)
        else block
        for block in arch.blocks
    )
    return Arch(tuple(blocks), arch.head)


_HEAD_KEYS = {
    "head.2.": "fc_linear.netblock.",
    "head.3.": "fc_linear.netblock.",
    "head.1.branches.0.1.scale": "lw_att.res_scale.scale",
    "head.1.branches.1.scale": "lw_att.x_scale.scale",
    "head.1.branches.0.0.": "lw_att.SAlayer.",
}
_SHUFFLE_ATTENTION = {
    "0.body.branches.0.body.1.weight": "cweight",
    "0.body.branches.0.body.1.bias": "cbias",
    "0.body.branches.1.body.1.weight": "sweight",
    "0.body.branches.1.body.1.bias": "sbias",
    "0.body.branches.1.body.0.": "gn.",
}


def published_key(key: str) -> str:
    """Translate a key of nasfer's state dict to the published code's.

    Example:
        >>> published_key("features.1.2.0.body.3.weight")
        'module_list.1.module_list.4.module_list.3.netblock.weight'
        >>> published_key("features.1.0.0.shortcut.1.bias")
        'module_list.1.module_list.0.proj.1.bias'
    """
    for ours, theirs in _HEAD_KEYS.items():
        if key.startswith(ours):
            return theirs + _attention_key(key.removeprefix(ours))
    stem = re.fullmatch(r"features\.(\d+)\.(\d+)\.(\w+)", key)
    if stem:
        return "module_list.{}.module_list.{}.netblock.{}".format(*stem.groups())
    residual = re.fullmatch(r"features\.(\d+)\.(\d+)\.0\.(body|shortcut)\.(\d+)\.(.+)", key)
    if residual is None:
        return key
    block, index, part, layer, rest = residual.groups()
    prefix = f"module_list.{block}.module_list.{2 * int(index)}"
    if part == "shortcut":
        return f"{prefix}.proj.{layer}.{rest}"
    return f"{prefix}.module_list.{layer}.netblock.{_attention_key(rest)}"


def _attention_key(key: str) -> str:
    for ours, theirs in _SHUFFLE_ATTENTION.items():
        if key.startswith(ours):
            return theirs + key.removeprefix(ours)
    return key


def _register(
    name: str, arch: Arch, params: int, flops: int, published: Published = NOTHING_PRINTED
) -> Preset:
    return register_preset(
        Preset(name, arch, 224, params, flops, published, SOURCE, published_key, "zennet")
    )


ZENNET_M = _register("zennet_m", M, 1_004_103, 399_877_856)
ZENNET_M_SA = _register(
    "zennet_m_sa", with_refine_head(M), 1_004_873, 399_884_000,
    Published(
        "1.01M", "400.550M",
        (
            ("RAF-DB", 87.1), ("RAF-DB, transfer", 88.53),
            ("AffectNet-7", 63.94), ("AffectNet-7, transfer", 64.57),
            ("AffectNet-8", 60.74), ("AffectNet-8, transfer", 61.40),
        ),
    ),
)  # fmt: skip
ZENNET_M_SA_ALL = _register("zennet_m_sa_all", with_attention_inside(M), 1_007_511, 404_045_600)
ZENNET_R = _register("zennet_r", R, 327_183, 444_937_024)
ZENNET_R_SA = _register(
    "zennet_r_sa", with_refine_head(R), 327_257, 444_937_600,
    Published(
        "0.33M", "446M",
        (
            ("RAF-DB", 87.26), ("RAF-DB, transfer", 87.39),
            ("AffectNet-7", 65.23), ("AffectNet-7, transfer", 64.77),
            ("AffectNet-8", 61.32), ("AffectNet-8, transfer", 60.82),
        ),
    ),
)  # fmt: skip
ZENNET_R_SA_ALL = _register("zennet_r_sa_all", with_attention_inside(R), 327_339, 448_474_432)
