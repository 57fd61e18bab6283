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

__all__ = [
    "CheckpointInfo", "FeatureMaps", "LandmarkNetwork", "Network", "build", "create_model",
    "describe", "load_checkpoint", "read_info", "save_checkpoint",
]  # fmt: skip
