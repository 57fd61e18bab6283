"""The Zen-score, measured exactly as its authors compute it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nasfer.arch import Arch
from nasfer.errors import ProxyError
from nasfer.proxies._base import Settings, register_proxy
from nasfer.proxies.trunk import refuse_late_trunk

if TYPE_CHECKING:
    import torch

GAMMA = 0.01
"""Size of the perturbation of the images."""


@register_proxy("zen", random=True, unit="nat", source="Lin et al., ICCV 2021, arXiv:2102.01063")
def zen(arch: Arch, settings: Settings) -> float:
    r"""How strongly an untrained network's last map answers to a small change of the images.

    ``log E sum |f(x) - f(x + 0.01 x')| + sum over BN of log sqrt(mean running_var)``, for the
    network without residual links up to the global mean, all weights N(0, 1), images N(0, 1).

    Batch norms are in training mode, all else in eval mode: dropout and stochastic depth are off,
    since they would draw other values in the second pass.

    Raises:
        ProxyError: the network has no batch norm, does not answer to the images, or goes on
            convolving in its head (AMP-Net), which this score would not see.
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

    from nasfer.models import build

    refuse_late_trunk(arch, "zen")
    generator = torch.Generator().manual_seed(settings.seed)
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(settings.seed)  # weights that are not drawn below
        features = nn.Sequential(*(build(b.ops(), residual_links=False) for b in arch.blocks))
        _draw_weights(features, generator)
        norms = [m for m in features.eval().modules() if isinstance(m, nn.BatchNorm2d)]
        for norm in norms:
            norm.train()
        size = (settings.batch, arch.in_channels, settings.resolution, settings.resolution)
        images = torch.randn(size, generator=generator)
        noise = torch.randn(size, generator=generator)
        before = features(images)
        change = (before - features(images + GAMMA * noise)).abs()
        per_image = change.flatten(1).sum(1).mean().item()
        if not norms:
            raise ProxyError(f"zen: {arch.digest()} has no batch norm")
        if per_image == 0:
            raise ProxyError(f"zen: the output of {arch.digest()} does not depend on the images")
        scales = torch.stack(
            [norm.running_var.mean() for norm in norms if norm.running_var is not None]
        )
        return float(torch.tensor(per_image).log() + 0.5 * scales.log().sum())


def _draw_weights(features: torch.nn.Module, generator: torch.Generator) -> None:
    """Convolutions (those along channels too) and linears N(0, 1), biases 0; norms keep 1 and 0."""
    from torch import nn

    for module in features.modules():
        if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Linear):
            nn.init.normal_(module.weight, generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
