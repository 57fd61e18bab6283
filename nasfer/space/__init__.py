"""Search spaces, written in YAML."""

from nasfer.space.files import list_spaces, load_space
from nasfer.space.schema import FieldMoves, Limits, SpaceFile
from nasfer.space.space import Space

__all__ = ["FieldMoves", "Limits", "Space", "SpaceFile", "list_spaces", "load_space"]
