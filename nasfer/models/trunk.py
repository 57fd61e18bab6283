"""A network's trunk: what it computes up to its global means, for scores of untrained networks."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nasfer.arch import Arch
from nasfer.models.joins import Gated
from nasfer.models.modules import GlobalMean
from nasfer.models.network import Network, network_kind
from nasfer.models.regions import FRONTAL_FACE


def without_links(arch: Arch) -> Network:
    """Build a network without its residual links, on which the Zen-score is defined."""
    return network_kind(arch)(arch, residual_links=False)


def trunk_maps(network: Network, images: Tensor) -> list[Tensor]:
    """Return what a network's global means read, gates aside; the last map if it has none.

    Args:
        images: ``(N, in_channels, H, W)``; landmarks, where they are read, are `FRONTAL_FACE`.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> net = without_links(parse_arch("SuperConvK3BNRELU(3,8,2,1)"))
        >>> [tuple(m.shape) for m in trunk_maps(net, torch.zeros(2, 3, 9, 9))]
        [(2, 8, 5, 5)]
    """
    maps: list[Tensor] = []
    ends = _global_means(network.head)
    if not ends:
        last: Tensor = network.features(images)
        return [last]
    hooks = [
        end.register_forward_pre_hook(lambda _, inputs: maps.append(inputs[0])) for end in ends
    ]
    try:
        face = torch.tensor(FRONTAL_FACE, device=images.device).expand(len(images), 5, 2)
        network.outputs(images, face if network.reads_landmarks else None)
    finally:
        for hook in hooks:
            hook.remove()
    return maps


def _global_means(module: nn.Module) -> list[nn.Module]:
    """The modules that average over all cells, but for those inside gates."""
    if isinstance(module, Gated):
        return []
    if isinstance(module, GlobalMean):
        return [module]
    if isinstance(module, nn.AdaptiveAvgPool2d):
        return [module] if module.output_size == 1 else []
    return [mean for child in module.children() for mean in _global_means(child)]
