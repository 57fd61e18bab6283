"""From what a user names to a network and its description."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nasfer.arch import parse_arch
from nasfer.data import expression
from nasfer.errors import CheckpointError
from nasfer.models.checkpoint import CheckpointInfo, describe, load_checkpoint, read_info
from nasfer.models.network import Network, create_model
from nasfer.presets import load_arch

SUFFIX = ".safetensors"
"""Ending of nasfer's own checkpoints."""


def open_checkpoint(
    path: str | Path, class_names: Sequence[str] = ()
) -> tuple[Network, CheckpointInfo]:
    """Return the trained network of a nasfer checkpoint, in evaluation mode, and its description.

    Args:
        path: of the file.
        class_names: of the logits, in order, where the file does not name them or names them
            wrongly; empty keeps the file's.
    Raises:
        CheckpointError: no nasfer checkpoint, a damaged one, or not a name for every class.
        DataError: a class is no expression.
    """
    info = read_info(path)
    model = create_model(parse_arch(info.structure))
    load_checkpoint(model, path)
    if class_names:
        names = tuple(expression(name, "--classes") for name in class_names)
        if len(names) != model.arch.classes or len(set(names)) != len(names):
            raise CheckpointError(
                f"--classes: {len(set(names))} names for the {model.arch.classes} classes of {path}"
            )
        info = replace(info, class_names=names)
    return model.eval(), info


def open_network(source: str | Path) -> tuple[Network, CheckpointInfo]:
    """Return the network of a checkpoint, or a fresh one, in evaluation mode.

    Args:
        source: a nasfer checkpoint (``.safetensors``), a preset, a structure string or a file of an
            architecture; all but the first have torch's initial weights.
    Raises:
        CheckpointError: the checkpoint is damaged.
        SpecError: the architecture cannot be read.
    Example:
        >>> model, info = open_network("zennet_r")
        >>> model.training, info.resolution
        (False, 224)
    """
    if is_checkpoint(source):
        return open_checkpoint(source)
    model = create_model(load_arch(source))
    return model.eval(), describe(model, str(source))


def is_checkpoint(source: str | Path) -> bool:
    """Whether this names a checkpoint rather than an architecture."""
    return Path(source).suffix == SUFFIX
