"""Networks: a chain of built blocks and a head, and what `create_model` returns."""

from __future__ import annotations

from torch import Tensor, nn

from nasfer.arch import Arch, ops
from nasfer.arch.shapes import output_shape
from nasfer.costs import input_shape
from nasfer.errors import DataError
from nasfer.models.build import build
from nasfer.models.joins import total

PROBE_PX = 224
"""Size at which a trunk's stages are told apart."""


class Network(nn.Module):
    """A network built from an `Arch`: ``head(features(images))``.

    Attributes:
        arch: the value that it was built from.
        features: one child a block; ``(N, C, H, W)`` images to the last feature map.
        head: the last map to ``(N, classes)`` logits.
    """

    def __init__(self, arch: Arch, *, residual_links: bool = True) -> None:
        super().__init__()
        self.arch = arch
        self.features = nn.Sequential(
            *(build(block.ops(), residual_links=residual_links) for block in arch.blocks)
        )
        self.head = build(arch.head.ops(), residual_links=residual_links)

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(N, in_channels, H, W)`` images to ``(N, classes)`` logits."""
        logits: Tensor = self.head(self.features(images))
        return logits

    def predict(self, images: Tensor, landmarks: Tensor | None = None) -> Tensor:
        """Map images to ``(N, classes)`` logits; here they are what `forward` returns.

        Landmarks are for networks that read them, and are not read here.
        """
        logits: Tensor = self(images)
        return logits


class LandmarkNetwork(Network):
    """A network that reads five landmarks of each face beside its image, such as AMP-Net.

    ``model(images, landmarks)`` is one tensor of logits a branch, ``model.predict(images,
    landmarks)`` their mix. Landmarks are ``(N, 5, 2)``, in the coordinates of a 224-pixel image
    whatever the size of the images: left eye, right eye, nose, left and right mouth corner.

    Attributes:
        output_weights: of the branches, in the prediction and in the loss; they add up to 1.
    """

    def __init__(self, arch: Arch, *, residual_links: bool = True) -> None:
        super().__init__(arch, residual_links=residual_links)
        mixes = [op.weights for op in ops.walk(arch.head.ops()) if isinstance(op, ops.Outputs)]
        self.output_weights: tuple[float, ...] = mixes[0] if mixes else (1.0,)

    def forward(  # type: ignore[override]  # several outputs
        self, images: Tensor, landmarks: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        """Map ``(N, in_channels, H, W)`` images and landmarks to ``(N, classes)`` logits a branch.

        Raises:
            DataError: there are no landmarks, or they are not ``(N, 5, 2)``.
        """
        if landmarks is None:
            raise DataError(
                "this network reads landmarks: call model(images, landmarks), landmarks (N, 5, 2)"
                " in 224-pixel coordinates"
            )
        count = images.shape[0]  # not len(images), which an export would take for a constant
        if tuple(landmarks.shape) != (count, 5, 2):
            given = tuple(landmarks.shape)
            raise DataError(f"landmarks: shape {given} is not ({count}, 5, 2)")
        logits = self.head((self.features(images), landmarks.to(images.device)))
        return logits if isinstance(logits, tuple) else (logits,)

    def predict(self, images: Tensor, landmarks: Tensor | None = None) -> Tensor:
        """Map images and landmarks to ``(N, classes)`` logits, the branches' weighted sum.

        Raises:
            DataError: there are no landmarks, or they are not ``(N, 5, 2)``.
        """
        outputs = self(images, landmarks)
        return total([w * logits for w, logits in zip(self.output_weights, outputs)])


class FeatureMaps(nn.Module):
    """The trunk of a network as a backbone: images to the last feature map of each size.

    Attributes:
        channels: of each returned map, largest map first.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.features = network.features
        shape = input_shape(network.arch, PROBE_PX)
        shapes = []
        for block in network.arch.blocks:
            shape = output_shape(block.ops(), shape)
            shapes.append(shape)
        sizes = [(shape.height, shape.width) for shape in shapes]
        last = len(shapes) - 1
        self._kept = [i for i in range(len(shapes)) if i == last or sizes[i + 1] != sizes[i]]
        self.channels = [shapes[index].channels for index in self._kept]

    def forward(self, images: Tensor) -> list[Tensor]:
        """Map ``(N, in_channels, H, W)`` images to ``(N, C, H / s, W / s)`` maps, large first."""
        maps = []
        for index, block in enumerate(self.features):
            images = block(images)
            if index in self._kept:
                maps.append(images)
        return maps


def create_model(
    arch: Arch, *, num_classes: int | None = None, in_chans: int | None = None
) -> Network:
    """Build the torch network of an architecture, with torch's default initial weights.

    Args:
        arch: the architecture.
        num_classes: number of logits; ``None`` keeps the architecture's.
        in_chans: channels of the images; ``None`` keeps the architecture's.
    Example:
        >>> import torch
        >>> from nasfer.arch import parse_arch
        >>> model = create_model(parse_arch("SuperConvK3BNRELU(3,8,2,1)"), num_classes=8)
        >>> model(torch.zeros(2, 3, 48, 48)).shape
        torch.Size([2, 8])
    """
    if num_classes is not None:
        arch = arch.with_classes(num_classes)
    if in_chans is not None:
        arch = arch.with_in_channels(in_chans)
    return network_kind(arch)(arch)


def network_kind(arch: Arch) -> type[Network]:
    """Return `LandmarkNetwork` where the head cuts regions out of the map, else `Network`."""
    reads_landmarks = any(isinstance(op, ops.Region) for op in ops.walk(arch.head.ops()))
    return LandmarkNetwork if reads_landmarks else Network
