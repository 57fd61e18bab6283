"""Torch networks built from architectures."""

from nasfer.models.build import LandmarkNetwork, Network, build, create_model

__all__ = ["LandmarkNetwork", "Network", "build", "create_model"]
