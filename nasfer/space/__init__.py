"""Search spaces, written in YAML."""

from nasfer.space.family import FamilySpace
from nasfer.space.files import list_spaces, load_space
from nasfer.space.schema import FieldMoves, Limits, SpaceFile, UnionFile
from nasfer.space.space import Space
from nasfer.space.union import UnionSpace

__all__ = [
    "FamilySpace", "FieldMoves", "Limits", "Space", "SpaceFile", "UnionFile", "UnionSpace",
    "list_spaces", "load_space",
]  # fmt: skip
