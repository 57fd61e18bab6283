"""``nasfer predict``: the expression on faces in image files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from nasfer.cli.output import echo_json, show_table
from nasfer.cli.trained import Checkpoint, Classes, Flip, Resolution, open_trained

if TYPE_CHECKING:
    from torch import Tensor

    from nasfer.data.landmarks import Points

BATCH = 32
"""Images a forward pass."""


def predict(
    checkpoint: Checkpoint,
    images: Annotated[list[Path], Argument(help="Image files of one face each, or folders.")],
    landmarks: Annotated[
        Path | None,
        Option(help="CSV: image, ten numbers in 224-pixel coordinates; for AMP-Net."),
    ] = None,
    top: Annotated[int, Option(min=1, help="Expressions an image.")] = 3,
    flip: Flip = False,
    classes: Classes = "",
    resolution: Resolution = None,
    json: Annotated[bool, Option("--json", help="Print JSON.")] = False,
) -> int:
    """Name the expression on each face; a damaged image is named, and the exit code is 1 then.

    Faces should be cut out as those that the network was trained on were.

    Example: nasfer predict best.safetensors face1.jpg face2.png
    """
    from nasfer.data import Faces, MemoryImages, canonical
    from nasfer.data.landmarks import read_landmarks
    from nasfer.errors import CheckpointError, DataError
    from nasfer.inference.probabilities import probabilities

    model, info = open_trained(checkpoint, classes, resolution)
    if not info.resolution:
        raise CheckpointError(f"{checkpoint}: it has no resolution; give --resolution, in pixels")
    reads_landmarks = model.reads_landmarks
    if reads_landmarks and landmarks is None:
        raise DataError(f"{checkpoint}: this network reads landmarks; give --landmarks file.csv")
    points = read_landmarks(landmarks) if landmarks is not None and reads_landmarks else None

    paths = _files(images)
    names, pixels, marks = [], [], []
    for path in paths:
        try:
            face, mark = _read(path, info.resolution, model.arch.in_channels, points)
        except DataError as error:
            print(f"nasfer: {error}", file=sys.stderr)
            continue
        names.append(str(path))
        pixels.append(face)
        marks.append(mark)
    rows = []
    if names:
        import torch

        order = canonical(info.class_names)
        stack = torch.stack([mark for mark in marks if mark is not None]) if points else None
        targets = torch.zeros(len(names), len(order))  # nobody knows
        faces = Faces(MemoryImages(torch.stack(pixels)), targets, order, tuple(names), stack)
        found = probabilities(model, faces, info, batch=BATCH, flip=flip)
        rows = [_row(name, part, order, top) for name, part in zip(names, found)]
    if json:
        echo_json(rows)
    elif rows:
        show_table("Expressions", [_shown(row) for row in rows])
    return 0 if len(names) == len(paths) else 1


def _files(given: list[Path]) -> list[Path]:
    """Put the image files of folders in their place."""
    from nasfer.data.decoding import SUFFIXES
    from nasfer.errors import DataError

    files: list[Path] = []
    for path in given:
        inside = [path]
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
        if not inside:
            raise DataError(f"{path}: no image in this folder; {', '.join(sorted(SUFFIXES))}")
        files += inside
    return files


def _read(
    path: Path, side: int, channels: int, points: Points | None
) -> tuple[Tensor, Tensor | None]:
    import torch

    from nasfer.data.decoding import decode, no_bombs
    from nasfer.data.landmarks import landmarks_of
    from nasfer.data.listing import Item
    from nasfer.errors import DataError

    with no_bombs():
        face = torch.from_numpy(decode(Item(str(path), (), path), side, channels).copy())
    if points is None:
        return face, None
    mark = landmarks_of(points, str(path))
    if mark is None:
        raise DataError(f"{path}: no landmarks of it in the file of --landmarks")
    return face, torch.from_numpy(mark)


def _row(
    name: str, probabilities: Tensor, class_names: tuple[str, ...], top: int
) -> dict[str, Any]:
    best = probabilities.topk(min(top, len(class_names)))
    likely = [
        {"expression": class_names[place], "probability": share}
        for share, place in zip(best.values.tolist(), best.indices.tolist())
    ]
    return {"file": name, **likely[0], "top": likely}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    others = (f"{one['expression']} {one['probability']:.1%}" for one in row["top"][1:])
    probability = f"{row['probability']:.1%}"
    shown = {"file": row["file"], "expression": row["expression"], "probability": probability}
    return {**shown, "next": ", ".join(others)}
