"""What measured proxies start from: a network of seeded Kaiming weights, images and labels.

Everything is drawn on the CPU from one generator, so that a score is the same wherever it is
computed, and no global random state is read or changed.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from nasfer.arch import Arch
from nasfer.models import FRONTAL_FACE, Network, create_model
from nasfer.proxies._base import Settings

Weighted = (nn.Conv1d, nn.Conv2d, nn.Linear)
"""Layers whose weights proxies speak of."""


def draws(settings: Settings) -> torch.Generator:
    """Return the generator of all that a score draws."""
    return torch.Generator().manual_seed(settings.seed)


def default_network(arch: Arch, settings: Settings) -> Network:
    """Build a network with torch's own first weights, seeded; it stays on the CPU, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(settings.seed)
        return create_model(arch).eval()


def fresh_network(arch: Arch, settings: Settings, generator: torch.Generator) -> Network:
    """Build a network with Kaiming weights on its device.

    Convolutions and linear layers are N(0, 2 / fan_in), biases 0, batch norms 1 and 0; learnt
    scalars keep the start that they give themselves. Batch norms are in train mode, all else in
    eval mode: dropout and stochastic depth are off.

    Source: He et al., ICCV 2015, arXiv:1502.01852.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> settings = Settings(resolution=8)
        >>> stem = parse_arch("SuperConvK3BNRELU(3,8,2,1)")
        >>> network = fresh_network(stem, settings, draws(settings))
        >>> [m.training for m in network.features[0]]
        [False, True, False]
    """
    network = default_network(arch, settings)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, Weighted):
                nn.init.kaiming_normal_(module.weight, generator=generator)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
    return norms_on_the_batch(network.to(settings.device))


def norms_on_the_batch(network: Network) -> Network:
    """Put batch norms in train mode and all else in eval mode."""
    network.eval()
    for norm in batch_norms(network):
        norm.train()
    return network


def settle_norms(network: Network, images: Tensor) -> Network:
    """Give batch norms the statistics of a batch and hold them, as constants.

    Behind this the images of a batch no longer see each other, and one image alone can be read,
    also where its last map has one cell.

    Args:
        network: changed in place.
        images: ``(N, C, H, W)``, N from 2.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> settings = Settings(resolution=8)
        >>> generator = draws(settings)
        >>> network = fresh_network(parse_arch("SuperConvK3BNRELU(3,8,2,1)"), settings, generator)
        >>> images = normal_images(network, settings, generator, 4)
        >>> settled = settle_norms(network, images)
        >>> bool(torch.allclose(settled(images)[:1], settled(images[:1]), atol=1e-6))
        True
    """
    for norm in batch_norms(network):
        norm.train()
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over all passes, here of one
    with torch.no_grad():
        logits(network, images)
    return network.eval()


def batch_norms(network: nn.Module) -> list[_BatchNorm]:
    """Return the batch norms, from the input on."""
    return [module for module in network.modules() if isinstance(module, _BatchNorm)]


def normal_images(
    network: Network, settings: Settings, generator: torch.Generator, count: int
) -> Tensor:
    """Draw ``(count, C, R, R)`` images of N(0, 1), on the network's device."""
    size = (count, network.arch.in_channels, settings.resolution, settings.resolution)
    return torch.randn(size, generator=generator).to(settings.device)


def drawn_labels(
    network: Network, settings: Settings, generator: torch.Generator, count: int
) -> Tensor:
    """Draw ``(count,)`` int64 classes, all alike likely."""
    labels = torch.randint(network.num_classes, (count,), generator=generator)
    return labels.to(settings.device)


def logits(network: Network, images: Tensor) -> Tensor:
    """Map images to ``(N, classes)`` logits; landmarks, where they are read, are `FRONTAL_FACE`."""
    return network.predict(images, frontal(network, images))


def features(network: Network, images: Tensor) -> Tensor:
    """Map images to the ``(N, features)`` that the class layer reads."""
    maps = network.forward_features(images)
    read: Tensor = network.forward_head(maps, frontal(network, images), pre_logits=True)
    return read


def frontal(network: Network, images: Tensor) -> Tensor | None:
    """Return `FRONTAL_FACE` for each image, for networks that read landmarks."""
    if not network.reads_landmarks:
        return None
    return torch.tensor(FRONTAL_FACE, device=images.device).expand(len(images), 5, 2)
