"""What the commands on trained networks share: the checkpoint's arguments, and how it is opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

if TYPE_CHECKING:
    from nasfer.models import CheckpointInfo, Network

Checkpoint = Annotated[Path, Argument(help="A nasfer checkpoint, .safetensors.")]
Classes = Annotated[
    str, Option(help="Names of the logits in order, a,b,c, where the checkpoint has none.")
]
Resolution = Annotated[
    int | None, Option(min=1, help="Side of the images, pixels; default: the checkpoint's.")
]
Flip = Annotated[bool, Option("--flip", help="Average with the mirror images.")]
Device = Annotated[str, Option(help="cpu, cuda, ...; auto: a GPU if there is one.")]
Seed = Annotated[int, Option(min=0, help="Of what is drawn.")]


def open_trained(
    checkpoint: Path, classes: str, resolution: int | None
) -> tuple[Network, CheckpointInfo]:
    """Return a checkpoint's network and its description, as the options correct it.

    Raises:
        CheckpointError: it cannot be read, or its classes have no names.
    """
    from dataclasses import replace

    from nasfer.inference.opened import open_checkpoint
    from nasfer.inference.probabilities import check_class_names

    model, info = open_checkpoint(checkpoint, [name for name in classes.split(",") if name])
    check_class_names(model, info)
    return model, replace(info, resolution=resolution or info.resolution)
