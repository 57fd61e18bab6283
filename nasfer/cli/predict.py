"""``nasfer predict``: the expression on faces in image files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from nasfer.cli.options import AsJson, Checkpoint, Classes, Device, Flip, Resolution, comma_list
from nasfer.cli.output import complain, echo_json, show_table


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
    device: Device = "auto",
    json: AsJson = False,
) -> int:
    """Name the expression on each face; a damaged image is named, and the exit code is 1 then.

    Faces should be cut out as those that the network was trained on were.

    Example: nasfer predict best.safetensors face1.jpg face2.png
    """
    from nasfer import api

    found = api.predict(
        checkpoint, images, landmarks=landmarks, top=top, flip=flip,
        class_names=comma_list(classes), resolution=resolution, device=device,
    )  # fmt: skip
    errors = found["error"].dropna()
    for error in errors:
        complain(error)
    good = found[found["error"].isna()].drop(columns="error").to_dict("records")
    if json:
        echo_json(good)
    elif good:
        show_table("Expressions", [_shown(row) for row in good])
    return 1 if len(errors) else 0


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    others = (f"{one['expression']} {one['probability']:.1%}" for one in row["top"][1:])
    probability = f"{row['probability']:.1%}"
    shown = {"file": row["file"], "expression": row["expression"], "probability": probability}
    return {**shown, "next": ", ".join(others)}
