"""Trained networks for other programs: ONNX, int8 and torch.export, each checked against torch."""

from nasfer.exporting.choosing import Chosen
from nasfer.exporting.export import FORMATS, Exported, export
from nasfer.exporting.parity import TOLERANCE, Parity

__all__ = ["FORMATS", "TOLERANCE", "Chosen", "Exported", "Parity", "export"]
