"""A trained network whose softmax is the target of another one: label distribution learning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from nasfer.arch import parse_arch
from nasfer.data.labels import columns_by_name
from nasfer.errors import DataError
from nasfer.inference.prepare import prepare
from nasfer.models import CheckpointInfo, Network, create_model, load_checkpoint, read_info


@dataclass(frozen=True)
class Teacher:
    """A network from a checkpoint, in eval mode, and where its classes are among the data's.

    Args:
        network: the trained network.
        info: what its checkpoint says.
        columns: for each class of the data, its column in the network's logits.
    """

    network: Network
    info: CheckpointInfo
    columns: tuple[int, ...]

    @classmethod
    def load(
        cls, path: str | Path, class_names: Sequence[str], *, device: torch.device | str = "cpu"
    ) -> Teacher:
        """Load a nasfer checkpoint as a teacher for data of these classes.

        Raises:
            CheckpointError: no nasfer checkpoint.
            DataError: its classes or its image size are unknown, or its classes are not the data's.
        """
        info = read_info(path)
        if not info.class_names or not info.resolution:
            raise DataError(f"{path}: a teacher's checkpoint must name its classes and image size")
        columns = columns_by_name(info.class_names, class_names, str(path))
        network = load_checkpoint(create_model(parse_arch(info.structure)), path)
        network.to(device).eval().requires_grad_(False)
        return cls(network, info, tuple(columns))

    @property
    def reads_landmarks(self) -> bool:
        """Whether it needs landmarks beside images."""
        return self.network.reads_landmarks

    @torch.no_grad()
    def __call__(self, images: Tensor, landmarks: Tensor | None = None) -> Tensor:
        """Return what the network believes of images that are not augmented.

        EfficientFace's published code shows its generator the augmented image instead.

        Args:
            images: ``(B, C, H, H)`` uint8 as stored, on the teacher's device.
            landmarks: ``(B, 5, 2)``, for a network that reads them.
        Returns:
            ``(B, K)`` float32 distributions, in the order of the data's classes.
        """
        prepared = prepare(
            images,
            resolution=self.info.resolution,
            channels=self.network.arch.in_channels,
            mean=self.info.mean,
            std=self.info.std,
        )
        logits = self.network.predict(prepared, landmarks).float()
        return logits[:, list(self.columns)].softmax(1)
