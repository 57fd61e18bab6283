"""The Zen-score, measured exactly as its authors compute it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nasfer.arch import Arch
from nasfer.errors import ProxyError
from nasfer.proxies._base import Settings, register_proxy

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

GAMMA = 0.01
"""Size of the perturbation of the images."""


@register_proxy(
    "zen", random=True, unit="nat", needs="images",
    source="Lin et al., ICCV 2021, arXiv:2102.01063",
)  # fmt: skip
def zen(arch: Arch, settings: Settings) -> float:
    r"""How strongly an untrained network's last map answers to a small change of the images.

    ``log E sum |f(x) - f(x + 0.01 x')| + sum over BN of log sqrt(mean running_var)``, for the
    network without residual links up to the global mean, all weights N(0, 1), images N(0, 1).

    Where a head goes on convolving (AttentionEmotionNet's attention, AMP-Net's modules), f goes on
    to its global mean; with several of them f is all that they read. Landmarks are those of
    `nasfer.models.FRONTAL_FACE`. Batch norms are in training mode, all else in eval mode: dropout
    and stochastic depth are off, since they would draw other values in the second pass.

    Raises:
        ProxyError: the network has no batch norm, or does not answer to the images.
    Cost: two forward passes of ``settings.batch`` images; no gradients, no labels.
    Source: Algorithm 1 and the authors' script. The std over draws is about 0.1. The global random
        state is left as it was.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> stem = parse_arch("SuperConvK3BNRELU(3,8,2,1)")
        >>> zen(stem, Settings(seed=1, resolution=32)) == zen(stem, Settings(seed=1, resolution=32))
        True
    """
    import torch  # seconds to import: only measured proxies pay for it
    from torch import nn

    from nasfer.models import trunk_maps, without_links

    generator = torch.Generator().manual_seed(settings.seed)
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(settings.seed)  # weights that are not drawn below
        network = without_links(arch).eval()
        _draw_weights(network.features, generator)
        norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
        for norm in norms:
            norm.train()
        size = (settings.batch, arch.in_channels, settings.resolution, settings.resolution)
        images = torch.randn(size, generator=generator)
        noise = torch.randn(size, generator=generator)
        _draw_weights(network.head, generator)
        network.to(settings.device)
        before = trunk_maps(network, images.to(settings.device))
        after = trunk_maps(network, (images + GAMMA * noise).to(settings.device))
        per_image = sum(_change(one, other) for one, other in zip(before, after, strict=True))
        if not norms:
            raise ProxyError(f"zen: {arch.digest()} has no batch norm")
        if per_image == 0:
            raise ProxyError(f"zen: the output of {arch.digest()} does not depend on the images")
        scales = torch.stack(
            [norm.running_var.mean() for norm in norms if norm.running_var is not None]
        )
        return float(torch.tensor(per_image).log() + 0.5 * scales.log().sum())


def _change(before: Tensor, after: Tensor) -> float:
    """Summed absolute difference of two ``(N, C, H, W)`` maps, mean over images."""
    return (before - after).abs().flatten(1).sum(1).mean().item()


def _draw_weights(part: nn.Module, generator: torch.Generator) -> None:
    """Convolutions (those along channels too) and linears N(0, 1), biases 0; norms keep 1 and 0."""
    from torch import nn

    for module in part.modules():
        if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Linear):
            nn.init.normal_(module.weight, generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
