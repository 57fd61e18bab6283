"""`Network`: an architecture as a torch module of blocks and a head."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from nasfer.arch import Arch, ops
from nasfer.arch.parts import reads_landmarks
from nasfer.costs.cost import check_params
from nasfer.errors import DataError, SpecError
from nasfer.models.build import build
from nasfer.models.class_layers import NoClasses, before_classes, class_layers, set_class_layers
from nasfer.models.info import CheckpointInfo, default_cfg
from nasfer.models.joins import total
from nasfer.models.regions import FRONTAL_FACE

LANDMARK_NOISE_PX = 8.0
"""Deviation of drawn landmarks from the frontal face, in pixels of a 224-pixel image."""


class Network(nn.Module):
    """A network built from an `Arch`: ``head(features(images))``.

    Attributes:
        arch: the value that it was built from.
        num_classes: number of logits; 0 where the class layer was taken away.
        features: one child a block; ``(N, C, H, W)`` images to the last feature map.
        head: the last map to ``(N, classes)`` logits.
        reads_landmarks: whether it reads five landmarks of each face beside its image.
        output_weights: of its outputs, in the prediction and in the loss; they add up to 1.
        info: what the checkpoint says that it was read from, if it was.
    """

    reads_landmarks: bool = False
    output_weights: tuple[float, ...] = (1.0,)

    def __init__(self, arch: Arch, *, residual_links: bool = True) -> None:
        super().__init__()
        self.arch = arch
        self.num_classes = arch.classes
        self.info: CheckpointInfo | None = None
        self.features = nn.Sequential(
            *(build(block.ops(), residual_links=residual_links) for block in arch.blocks)
        )
        self.head = build(arch.head.ops(), residual_links=residual_links)

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(N, in_channels, H, W)`` images to ``(N, classes)`` logits.

        Without a class layer (``num_classes=0``) to ``(N, num_features)`` pooled features.
        """
        logits: Tensor = self.head(self.features(images))
        return logits

    def forward_features(self, images: Tensor) -> Tensor:
        """Map ``(N, in_channels, H, W)`` images to the last ``(N, C, H', W')`` feature map."""
        maps: Tensor = self.features(images)
        return maps

    def forward_head(
        self, maps: Tensor, landmarks: Tensor | None = None, *, pre_logits: bool = False
    ) -> Any:
        """Map the last feature map to what `forward` returns.

        Args:
            maps: of `forward_features`.
            landmarks: ``(N, 5, 2)``, for networks that read them.
            pre_logits: stop at the ``(N, num_features)`` features that the class layer reads.
        """
        read = self._head_input(maps, landmarks)
        if pre_logits or not self.num_classes:
            return torch.cat(before_classes(self.head, read), dim=1)
        return self.head(read)

    def _head_input(self, maps: Tensor, landmarks: Tensor | None) -> Any:
        return maps

    def outputs(self, images: Tensor, landmarks: Tensor | None = None) -> tuple[Tensor, ...]:
        """Map images to ``(N, classes)`` logits, one tensor a branch, whatever the network reads.

        Landmarks are for networks that read them, and are not read by others.
        """
        return (self(images),)

    def predict(self, images: Tensor, landmarks: Tensor | None = None) -> Tensor:
        """Map images to ``(N, classes)`` logits: the outputs, mixed by ``output_weights``.

        Landmarks are for networks that read them, and are not read by others.
        """
        outputs = self.outputs(images, landmarks)
        if len(outputs) == 1:
            return outputs[0]
        return total([w * logits for w, logits in zip(self.output_weights, outputs)])

    def example_inputs(
        self, n: int, resolution: int, generator: torch.Generator | None = None
    ) -> tuple[Tensor, ...]:
        """Return inputs of a call, where the network is.

        Args:
            n: number of images.
            resolution: side of the images, in pixels.
            generator: of the randomness, on the CPU; ``None`` draws nothing: images are zeros.
        Returns:
            ``(n, in_channels, resolution, resolution)`` images, normal ones with a generator.
        Example:
            >>> from nasfer.arch import parse_arch
            >>> tiny = create_model(parse_arch("SuperConvK3BNRELU(1,8,2,1)"))
            >>> [tuple(part.shape) for part in tiny.example_inputs(2, 48)]
            [(2, 1, 48, 48)]
        """
        shape = (n, self.arch.in_channels, resolution, resolution)
        made = torch.zeros(shape) if generator is None else torch.randn(shape, generator=generator)
        return (made.to(next(self.parameters()).device),)

    @property
    def classifiers(self) -> dict[str, nn.Linear | NoClasses]:
        """The layers that write logits by name, one a branch; placeholders where there are none.

        Raises:
            SpecError: the head, one from outside, ends in anything but a linear layer.
        """
        return dict(class_layers(self.head, "head"))

    @property
    def num_features(self) -> int:
        """Width of the pooled features that the class layer reads, of all branches together."""
        return sum(layer.in_features for layer in self.classifiers.values())

    @property
    def default_cfg(self) -> dict[str, Any]:
        """How images are prepared, and the first and last layers' names, under timm's keys."""
        return default_cfg(self)

    def reset_classifier(self, num_classes: int) -> None:
        """Put a fresh class layer in the place of the network's; all others stay.

        Args:
            num_classes: number of logits; 0 leaves the layer out: the network then gives
                ``(N, num_features)`` pooled features.
        Raises:
            SpecError: ``num_classes`` is negative, or the head ends in no linear layer.
        """
        if num_classes < 0:
            raise SpecError(f"`num_classes`: {num_classes} is negative; 0 is no class layer")
        set_class_layers(self, self.classifiers, num_classes)
        self.num_classes = num_classes
        if num_classes:
            self.arch = Arch(self.arch.blocks, self.arch.head.with_classes(num_classes))


class LandmarkNetwork(Network):
    """A network that reads five landmarks of each face beside its image, such as AMP-Net.

    ``model(images, landmarks)`` is one tensor of logits a branch, ``model.predict(images,
    landmarks)`` their mix. Landmarks are ``(N, 5, 2)``, in the coordinates of a 224-pixel image
    whatever the size of the images: left eye, right eye, nose, left and right mouth corner.
    """

    reads_landmarks = True

    def __init__(self, arch: Arch, *, residual_links: bool = True) -> None:
        super().__init__(arch, residual_links=residual_links)
        mixes = [op.weights for op in ops.walk(arch.head.ops()) if isinstance(op, ops.Outputs)]
        self.output_weights = mixes[0] if mixes else (1.0,)

    def forward(  # type: ignore[override]  # several outputs
        self, images: Tensor, landmarks: Tensor | None = None
    ) -> tuple[Tensor, ...] | Tensor:
        """Map ``(N, in_channels, H, W)`` images and landmarks to ``(N, classes)`` logits a branch.

        Without class layers (``num_classes=0``) to the branches' pooled features beside each other.

        Raises:
            DataError: there are no landmarks, or they are not ``(N, 5, 2)``.
        """
        self._check(images, landmarks)
        found = self.forward_head(self.features(images), landmarks)
        return found if isinstance(found, tuple) or not self.num_classes else (found,)

    def outputs(self, images: Tensor, landmarks: Tensor | None = None) -> tuple[Tensor, ...]:
        """Map images and landmarks to ``(N, classes)`` logits, one tensor a branch.

        Raises:
            DataError: there are no landmarks, or they are not ``(N, 5, 2)``.
        """
        found = self(images, landmarks)
        return found if isinstance(found, tuple) else (found,)

    def _head_input(self, maps: Tensor, landmarks: Tensor | None) -> Any:
        self._check(maps, landmarks)
        assert landmarks is not None
        return maps, landmarks.to(maps.device)

    def _check(self, images: Tensor, landmarks: Tensor | None) -> None:
        if landmarks is None:
            raise DataError(
                "this network reads landmarks: call model(images, landmarks), landmarks (N, 5, 2)"
                " in 224-pixel coordinates"
            )
        count = images.shape[0]  # not len(images), which an export would take for a constant
        if tuple(landmarks.shape) != (count, 5, 2):
            given = tuple(landmarks.shape)
            raise DataError(f"landmarks: shape {given} is not ({count}, 5, 2)")

    def example_inputs(
        self, n: int, resolution: int, generator: torch.Generator | None = None
    ) -> tuple[Tensor, ...]:
        """Return inputs of a call, where the network is: images and landmarks.

        Landmarks are those of `FRONTAL_FACE`, or drawn near it with a generator: ``(n, 5, 2)``.
        """
        (images,) = super().example_inputs(n, resolution, generator)
        face = torch.tensor(FRONTAL_FACE).expand(n, 5, 2)
        if generator is not None:
            face = face + LANDMARK_NOISE_PX * torch.randn((n, 5, 2), generator=generator)
        return images, face.to(images.device)


def create_model(
    arch: Arch, *, num_classes: int | None = None, in_chans: int | None = None
) -> Network:
    """Build the torch network of an architecture, with torch's default initial weights.

    Args:
        arch: the architecture.
        num_classes: number of logits; ``None`` keeps the architecture's, 0 leaves the class layer
            out.
        in_chans: channels of the images; ``None`` keeps the architecture's.
    Raises:
        SpecError: the network is too large to be built.
    Example:
        >>> import torch
        >>> from nasfer.arch import parse_arch
        >>> model = create_model(parse_arch("SuperConvK3BNRELU(3,8,2,1)"), num_classes=5)
        >>> model(torch.zeros(2, 3, 48, 48)).shape
        torch.Size([2, 5])
        >>> model.reset_classifier(0)
        >>> model(torch.zeros(2, 3, 48, 48)).shape, model.num_features
        (torch.Size([2, 8]), 8)
    """
    if num_classes:
        arch = arch.with_classes(num_classes)
    if in_chans is not None:
        arch = arch.with_in_channels(in_chans)
    check_params(arch)
    network = network_kind(arch)(arch)
    if num_classes == 0:
        network.reset_classifier(0)
    return network


def network_kind(arch: Arch) -> type[Network]:
    """Return `LandmarkNetwork` where the head cuts regions out of the map, else `Network`."""
    return LandmarkNetwork if reads_landmarks(arch) else Network
