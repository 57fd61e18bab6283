"""From what a user names to a network and its description."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nasfer.arch import Arch
from nasfer.data import expression
from nasfer.errors import CheckpointError
from nasfer.models import (
    CheckpointInfo,
    Network,
    create_model,
    describe,
    load_checkpoint,
    load_network,
)
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
    model = load_network(path)
    if model.info is None:
        raise CheckpointError(f"{path}: no nasfer checkpoint")
    model.info = renamed(model.info, class_names, model.arch.classes, path)
    return model.eval(), model.info


def renamed(
    info: CheckpointInfo, class_names: Sequence[str], classes: int, path: str | Path
) -> CheckpointInfo:
    """Return a description with other class names; an empty list changes nothing.

    Args:
        classes: number of logits.
        path: of the file that it is of, for the message.
    Raises:
        CheckpointError: not a name for every class.
        DataError: a class is no expression.
    """
    if not class_names:
        return info
    names = tuple(expression(name, "`class_names`") for name in class_names)
    if len(names) != classes or len(set(names)) != len(names):
        raise CheckpointError(
            f"`class_names`: {len(set(names))} names for the {classes} classes of {path}"
        )
    return replace(info, class_names=names)


def open_network(source: Arch | str | Path) -> tuple[Network, CheckpointInfo]:
    """Return the network of a checkpoint, or a fresh one, in evaluation mode.

    Args:
        source: a nasfer checkpoint (``.safetensors``), a preset, a structure string, a file of an
            architecture, or an architecture; all but the first have torch's initial weights.
    Raises:
        CheckpointError: the checkpoint is damaged.
        SpecError: the architecture cannot be read.
    Example:
        >>> model, info = open_network("zennet_r")
        >>> model.training, info.resolution
        (False, 224)
    """
    if is_checkpoint(source):
        assert not isinstance(source, Arch)
        return open_checkpoint(source)
    model = create_model(load_arch(source))
    return model.eval(), describe(model, str(source))


def build_network(
    source: Arch | str | Path,
    *,
    num_classes: int | None = None,
    in_chans: int | None = None,
    checkpoint_path: str | Path | None = None,
    reset_head: bool = False,
) -> Network:
    """Return a network to go on with, in training mode: what `nasfer.create_model` builds.

    Args:
        source: as for `open_network`; a checkpoint's network comes with its weights.
        num_classes: number of logits; ``None`` keeps the source's, 0 leaves the class layer out. A
            checkpoint's network gets a fresh class layer for another number.
        in_chans: channels of the images; ``None`` keeps the source's.
        checkpoint_path: weights to load, nasfer's or published; ``None``: the source's own.
        reset_head: keep the fresh head where ``checkpoint_path`` has another number of classes.
    Raises:
        CheckpointError: weights are damaged or of another network, or other channels are asked for
            than a checkpoint's network reads.
        SpecError: the architecture cannot be read.
    Example:
        >>> build_network("zennet_r", num_classes=0).num_features
        192
    """
    if is_checkpoint(source):
        assert not isinstance(source, Arch)
        model = load_network(source, num_classes=num_classes)
        if in_chans not in (None, model.arch.in_channels):
            raise CheckpointError(
                f"{source}: `in_chans`: {in_chans}; its weights read {model.arch.in_channels}"
                " channels"
            )
    else:
        model = create_model(load_arch(source), num_classes=num_classes, in_chans=in_chans)
    if checkpoint_path is not None:
        load_checkpoint(model, checkpoint_path, reset_head=reset_head)
    return model


def is_checkpoint(source: Arch | str | Path) -> bool:
    """Whether this names a checkpoint rather than an architecture; no file is looked at.

    Example:
        >>> is_checkpoint("runs/best.safetensors"), is_checkpoint("SuperConvK3BNRELU(3,8,2,1)")
        (True, False)
    """
    return not isinstance(source, Arch) and Path(source).suffix == SUFFIX
