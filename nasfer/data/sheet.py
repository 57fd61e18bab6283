"""A contact sheet: some faces of every class and split, to see with one's own eyes."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image, ImageDraw

from nasfer.data.faces import FaceData, Faces

FACE = 64
"""Side of a face on the sheet, in pixels."""

GAP = 4
NAMES = 130
"""Width of the column of class names, in pixels."""

HEADING = 24


def draw_sheet(data: FaceData, *, per_class: int = 8, seed: int = 0) -> bytes:
    """Return a PNG with a block for each split and a row for each class.

    Args:
        data: the data set, of any size and number of channels.
        per_class: faces a class and split, as far as there are so many.
        seed: of the choice.
    """
    block = HEADING + len(data.class_names) * (FACE + GAP)
    size = (NAMES + per_class * (FACE + GAP), len(data.splits) * block + GAP)
    sheet = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(sheet)
    rng = np.random.default_rng(seed)
    for number, (split, faces) in enumerate(data.splits.items()):
        top = number * block
        pen.text((GAP, top + 6), f"{split}: {len(faces):,} images", fill="black", font_size=14)
        for row, (name, count) in enumerate(faces.counts().items()):
            y = top + HEADING + row * (FACE + GAP)
            pen.text((GAP, y + 16), name, fill="black", font_size=14)
            pen.text((GAP, y + 36), f"{count:,}", fill="grey", font_size=12)
            for place, face in enumerate(_some(faces, row, per_class, rng)):
                sheet.paste(face, (NAMES + place * (FACE + GAP), y))
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()


def _some(faces: Faces, label: int, count: int, rng: np.random.Generator) -> Sequence[Image.Image]:
    """Return some faces of a class, as many as there are at most."""
    there = torch.nonzero(faces.labels == label).flatten().numpy()
    chosen = np.sort(rng.permutation(there)[:count])
    if not len(chosen):
        return []
    pixels = faces.images.read(torch.from_numpy(chosen)).movedim(1, -1).squeeze(-1).numpy()
    return [Image.fromarray(image).resize((FACE, FACE)) for image in pixels]
