"""Data sets of faces: named classes, splits, label distributions, landmarks."""

from nasfer.data.assembling import register_files
from nasfer.data.checking import Check, Fault, check_data
from nasfer.data.faces import SPLITS, FaceData, FaceDataset, Faces, Images, MemoryImages
from nasfer.data.labels import EXPRESSIONS, canonical, columns_by_name, expression
from nasfer.data.landmarks import flip_landmarks, rotate_landmarks
from nasfer.data.listing import Item, Listing, one_hot
from nasfer.data.loading import load_data
from nasfer.data.paths import absolute_data, data_text
from nasfer.data.registry import DATASETS, Request, register_data
from nasfer.data.sets import affectnet, caers, drawn, fer2013, ferplus, folder, rafdb
from nasfer.data.sets.drawn import DrawnImages, drawn_data
from nasfer.data.sheet import draw_sheet

__all__ = [
    "DATASETS", "EXPRESSIONS", "SPLITS", "Check", "DrawnImages", "FaceData", "FaceDataset", "Faces",
    "Fault", "Images", "Item", "Listing", "MemoryImages", "Request", "absolute_data", "canonical",
    "check_data", "columns_by_name", "data_text", "draw_sheet", "drawn_data", "expression",
    "flip_landmarks", "load_data", "one_hot", "register_data", "register_files", "rotate_landmarks",
]  # fmt: skip
