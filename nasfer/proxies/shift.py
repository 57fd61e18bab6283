"""Shift: does a fresh network see that a face moved by a pixel is the same face?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nasfer.arch import Arch
from nasfer.proxies._base import Settings, register_proxy

if TYPE_CHECKING:
    from torch import Tensor

    from nasfer.models import Network

FACES = 64


@register_proxy(
    "shift", random=True, unit="correlation", needs="faces",
    source="nasfer's own, benchmarks/shifted_faces.py",
)  # fmt: skip
def shift(arch: Arch, settings: Settings) -> float:
    r"""Correlation of an untrained network's features of a face and of it moved by a pixel.

    Mean over 64 faces of the correlation of the two rows that the class layer reads, centred over
    all faces and copies; 1 where a pixel makes no difference, 0 where the copy is a stranger.

    Raises:
        DataError: the data cannot be read.
    Cost: one forward pass of 128 images; no gradients, no labels.
    Source: nasfer's own. Kaiming weights; batch norm in train mode over faces and copies;
        ``settings.batch`` is not read.
    """
    from nasfer.proxies.faces import draw_faces
    from nasfer.proxies.fresh_network import draws, fresh_network

    generator = draws(settings)
    network = fresh_network(arch, settings, generator)
    sample = draw_faces(settings, arch.in_channels, generator, FACES, balanced=False)
    plain, moved = directions(network, sample.images())
    return float((plain * moved).sum(1).mean())


def directions(network: Network, faces: Tensor) -> tuple[Tensor, Tensor]:
    """Return the directions of the features of faces and of the faces one pixel to the right.

    Args:
        network: in the mode in which it is to be read.
        faces: ``(N, C, H, W)``; what leaves at the right comes in at the left.
    Returns:
        ``(N, features)`` twice, centred over all, each row of length 1.
    """
    import torch
    from torch.nn import functional

    from nasfer.proxies.fresh_network import features

    with torch.no_grad():
        seen = features(network, torch.cat([faces, torch.roll(faces, 1, dims=3)]))
    both = functional.normalize(seen - seen.mean(0), dim=1)
    return both[: len(faces)], both[len(faces) :]
