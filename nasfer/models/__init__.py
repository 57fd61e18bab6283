"""Torch networks built from architectures, and their checkpoints."""

from nasfer.models.build import build
from nasfer.models.checkpoint import (
    CheckpointInfo,
    describe,
    load_checkpoint,
    read_info,
    save_checkpoint,
)
from nasfer.models.network import FeatureMaps, LandmarkNetwork, Network, create_model
from nasfer.models.regions import FRONTAL_FACE
from nasfer.models.trunk import trunk_maps, without_links

__all__ = [
    "FRONTAL_FACE", "CheckpointInfo", "FeatureMaps", "LandmarkNetwork", "Network", "build",
    "create_model", "describe", "load_checkpoint", "read_info", "save_checkpoint", "trunk_maps",
    "without_links",
]  # fmt: skip
