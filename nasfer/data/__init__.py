"""Data sets of faces: named classes, splits, label distributions, landmarks."""

from nasfer.data.faces import SPLITS, FaceData, Faces, Images, MemoryImages
from nasfer.data.labels import EXPRESSIONS, canonical, columns_by_name, expression

__all__ = [
    "EXPRESSIONS", "SPLITS", "FaceData", "Faces", "Images", "MemoryImages", "canonical",
    "columns_by_name", "expression",
]  # fmt: skip
