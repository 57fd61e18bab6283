"""Torch networks built from architectures."""

from nasfer.models.build import Network, build, create_model

__all__ = ["Network", "build", "create_model"]
