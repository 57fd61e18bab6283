"""Whether a checkpoint is what was written: a digest of it, and what it says of images."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from nasfer.arch import Arch
from nasfer.models.info import CheckpointInfo


def weights_digest(tensors: Mapping[str, Tensor], about: str) -> str:
    """Return the SHA-256 of weights and of what is said about them.

    Example:
        >>> one, other = {"a": torch.zeros(2)}, {"a": torch.zeros(2, 1)}
        >>> weights_digest(one, "") == weights_digest(other, "")
        False
    """
    found = hashlib.sha256(about.encode())
    for name in sorted(tensors):
        value = tensors[name].contiguous()
        found.update(f"{name} {value.dtype} {tuple(value.shape)} ".encode())
        found.update(value.reshape(-1).view(torch.uint8).numpy().tobytes())
    return found.hexdigest()


def check_images(info: CheckpointInfo, arch: Arch) -> None:
    """See that images can be prepared as a file says, and classes named.

    Raises:
        ValueError: a length is wrong, or a number is none that images can be divided by.
    """
    for name, values in (("mean", info.mean), ("std", info.std)):
        if len(values) not in (0, arch.in_channels):
            raise ValueError(f"{name}: {len(values)} values for {arch.in_channels} channels")
        least = 0.0 if name == "std" else -math.inf
        if not all(math.isfinite(value) and value > least for value in values):
            raise ValueError(f"{name}: {values}; numbers{' over 0' * (name == 'std')} are needed")
    if len(info.mean) != len(info.std):
        raise ValueError("mean without std, or std without mean")
    if len(info.class_names) not in (0, arch.classes):
        raise ValueError(f"{len(info.class_names)} class_names for {arch.classes} classes")


def is_plain(value: Any) -> bool:
    """Whether this is a tensor of numbers that stand in the file, each one of them."""
    return (
        isinstance(value, Tensor)
        and value.layout == torch.strided
        and value.device.type == "cpu"
        and not value.is_quantized
        and value.numel() * value.element_size() <= value.untyped_storage().nbytes()
    )
