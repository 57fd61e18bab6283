"""Data sets of faces: named classes, splits, label distributions, landmarks."""

from nasfer.data import drawn, fer2013, folder
from nasfer.data.drawn import DrawnImages, drawn_data
from nasfer.data.faces import SPLITS, FaceData, Faces, Images, MemoryImages
from nasfer.data.labels import EXPRESSIONS, canonical, columns_by_name, expression
from nasfer.data.loading import load_data
from nasfer.data.registry import DATASETS, Request, register_data

__all__ = [
    "DATASETS", "EXPRESSIONS", "SPLITS", "DrawnImages", "FaceData", "Faces", "Images",
    "MemoryImages", "Request", "canonical", "columns_by_name", "drawn_data", "expression",
    "load_data", "register_data",
]  # fmt: skip
