"""Torch networks built from architectures."""

from nasfer.models.build import build
from nasfer.models.network import LandmarkNetwork, Network, create_model

__all__ = ["LandmarkNetwork", "Network", "build", "create_model"]
