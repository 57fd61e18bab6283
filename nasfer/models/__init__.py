"""Torch networks built from architectures, and their checkpoints."""

from nasfer.models.build import build
from nasfer.models.checkpoint import (
    load_checkpoint,
    load_network,
    read_info,
    read_weights,
    save_checkpoint,
    save_weights,
)
from nasfer.models.feature_maps import FeatureInfo, FeatureMaps
from nasfer.models.info import CheckpointInfo, describe
from nasfer.models.network import LandmarkNetwork, Network, create_model
from nasfer.models.regions import FRONTAL_FACE
from nasfer.models.trunk import trunk_maps, without_links

__all__ = [
    "FRONTAL_FACE", "CheckpointInfo", "FeatureInfo", "FeatureMaps", "LandmarkNetwork", "Network",
    "build", "create_model", "describe", "load_checkpoint", "load_network", "read_info",
    "read_weights", "save_checkpoint", "save_weights", "trunk_maps", "without_links",
]  # fmt: skip
