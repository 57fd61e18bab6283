"""What a trained network says of a split: probabilities in the data's own order of classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from nasfer.arch import Arch
from nasfer.data import Faces, columns_by_name
from nasfer.data.landmarks import ADVICE, flip_landmarks
from nasfer.errors import CheckpointError, DataError
from nasfer.inference.prepare import prepare
from nasfer.models import CheckpointInfo

Watch = Callable[[int, int], None]
"""Called with the images done and the images to do."""


class Reader(Protocol):
    """What reads faces: a `nasfer.models.Network`, or an exported file that was opened."""

    arch: Arch
    reads_landmarks: bool
    training: bool

    def predict(self, images: Tensor, landmarks: Tensor | None = None) -> Tensor:
        """Map prepared images to ``(N, classes)`` logits."""

    def parameters(self) -> Iterator[nn.Parameter]:
        """Yield the weights; none where they are not torch's."""

    def to(self, device: Any, /) -> Any:
        """Move to a device of torch."""

    def eval(self) -> Any:
        """Go into evaluation mode."""

    def train(self, mode: bool = True, /) -> Any:
        """Go into training mode, or out of it."""


WHERE = "checkpoint"
"""How the messages call the network's own description."""


def probabilities(
    model: Reader,
    faces: Faces,
    info: CheckpointInfo,
    *,
    batch: int = 128,
    flip: bool = False,
    device: str | torch.device | None = None,
    watch: Watch | None = None,
) -> Tensor:
    """Return the class probabilities of every image of a split.

    Images are prepared as the network was trained: channels of its architecture, size and
    normalisation of ``info``. Its training flag is put back afterwards.

    Args:
        model: the network.
        faces: the split, with landmarks where the network reads them.
        info: class names of the logits, resolution (0: the images' own), mean and deviation.
        batch: images a forward pass.
        flip: average with the mirror images' probabilities.
        device: where to compute, the model is moved there; ``None`` is where the model is.
        watch: called after every batch.
    Returns:
        ``(N, K)`` float32 on the CPU, in the order of ``faces.class_names``.
    Raises:
        CheckpointError: ``info`` names no classes, or not as many as there are logits.
        DataError: other classes than the data's, or no landmarks where the network reads them.
    """
    columns = match_classes(model, info, faces.class_names)
    landmarks = faces.landmarks
    if model.reads_landmarks and landmarks is None:
        raise DataError(f"this network reads landmarks, and this data has none; {ADVICE}")
    if device is not None:
        model.to(device)
    device = next((part.device for part in model.parameters()), torch.device("cpu"))
    was_training = model.training
    model.eval()
    parts = []
    try:
        for indices in torch.arange(len(faces)).split(batch):
            images = prepared(model, faces.images.read(indices).to(device), info)
            points = None if landmarks is None else landmarks[indices].to(device)
            parts.append(classify(model, images, points, flip=flip)[:, columns].cpu())
            if watch is not None:
                watch(int(indices[-1]) + 1, len(faces))
    finally:
        model.train(was_training)
    return torch.cat(parts)


def match_classes(model: Reader, info: CheckpointInfo, wanted: Sequence[str]) -> list[int]:
    """Return for each wanted class the logit of the same name.

    Raises:
        CheckpointError: ``info`` names no classes, or not as many as there are logits.
        DataError: the two are not the same set of classes.
    """
    check_class_names(model, info)
    return columns_by_name(info.class_names, wanted, WHERE)


def check_class_names(model: Reader, info: CheckpointInfo) -> None:
    """Refuse a description that does not name every logit.

    Raises:
        CheckpointError: no names, or another number of them.
    """
    classes = model.arch.classes
    if not info.class_names:
        raise CheckpointError(
            f"{WHERE}: it does not name its {classes} classes, and a guess of their order would"
            " spoil the result; give them: `class_names` neutral,happiness,..."
        )
    if len(info.class_names) != classes:
        raise CheckpointError(
            f"{WHERE}: {len(info.class_names)} class names for a network of {classes} classes"
        )


def prepared(model: Reader, images: Tensor, info: CheckpointInfo) -> Tensor:
    """Turn ``(N, C, H, H)`` uint8 images into what the network reads, as ``info`` says.

    Raises:
        CheckpointError: ``info`` normalises another number of channels.
    """
    channels = model.arch.in_channels
    if info.mean and len(info.mean) != channels:
        raise CheckpointError(
            f"{WHERE}: normalisation of {len(info.mean)} channels for a network of {channels}"
        )
    return prepare(
        images,
        resolution=info.resolution or images.shape[-1],
        channels=channels,
        mean=info.mean,
        std=info.std,
    )


@torch.no_grad()
def classify(
    model: Reader, images: Tensor, landmarks: Tensor | None = None, *, flip: bool = False
) -> Tensor:
    """Return the ``(N, K)`` probabilities of prepared images, in the order of the logits.

    Args:
        model: in evaluation mode.
        images: ``(N, C, H, W)``, prepared.
        landmarks: ``(N, 5, 2)`` in 224-pixel coordinates, for networks that read them.
        flip: average with the mirror images' probabilities.
    """
    found = model.predict(images, landmarks).float().softmax(1)
    if not flip:
        return found
    mirrored = None if landmarks is None else flip_landmarks(landmarks)
    return (found + model.predict(images.flip(-1), mirrored).float().softmax(1)) / 2
