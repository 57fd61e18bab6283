"""The papers' networks by name; importing this room registers them."""

from nasfer.presets import amp_net as _amp_net  # each registers its presets
from nasfer.presets import attention_emotion_net as _attention_emotion_net
from nasfer.presets import efficientface as _efficientface
from nasfer.presets import emo_net as _emo_net
from nasfer.presets import zennet as _zennet
from nasfer.presets._base import PRESETS, Preset, Published, register_preset
from nasfer.presets.load import arch_text, load_arch, source_name

__all__ = [
    "PRESETS", "Preset", "Published", "arch_text", "load_arch", "register_preset", "source_name",
]  # fmt: skip
