"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

Checkpoint = Annotated[
    Path, Argument(help="A nasfer checkpoint, .safetensors; or an exported .onnx file.")
]
Classes = Annotated[
    str, Option(help="Names of the logits in order, a,b,c, where the checkpoint has none.")
]
Resolution = Annotated[
    int | None, Option(min=1, help="Side of the images, pixels; default: the checkpoint's.")
]
Flip = Annotated[bool, Option("--flip", help="Average with the mirror images.")]
Device = Annotated[str, Option(help="cpu, cuda, ...; auto: a GPU if there is one.")]
Seed = Annotated[int, Option(min=0, help="Of what is drawn.")]
Overwrite = Annotated[
    bool, Option("--overwrite", help="Replace files of these names that nasfer did not write.")
]
AsJson = Annotated[bool, Option("--json", help="Print JSON.")]
TuneRuns = Annotated[list[Path], Argument(help="Run folders of `nasfer tune`, of the same data.")]


def comma_list(text: str) -> list[str]:
    """Return the parts of a list like ``a,b,c``.

    Example:
        >>> comma_list("happy, sad,"), comma_list("")
        (['happy', 'sad'], [])
    """
    return [part.strip() for part in text.split(",") if part.strip()]
