"""What a recipe sets in a network before its first step: weights, batch norm, stochastic depth."""

from __future__ import annotations

from itertools import pairwise

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torchvision.ops import StochasticDepth  # type: ignore[import-untyped]

from nasfer.errors import SpecError
from nasfer.models import Network
from nasfer.models.joins import ResidualLink
from nasfer.models.residuals import residual_links, zero_residuals
from nasfer.training.recipe import Recipe

ZENNET_GAIN = 3.26033
"""The published gain of convolutions and linear layers."""

RECTIFIERS = (nn.ReLU, nn.ReLU6)

LINEAR_BIAS = 2.0
"""Of a norm before a ReLU: normal values of deviation 1 about it are positive, 98 of 100."""

PLAIN_WIDTH = 256
"""Trunks that end wider than this begin with a smaller last norm."""


def initialise(model: Network, kind: str) -> None:
    """Set the initial weights, from torch's global random generator.

    Args:
        kind: ``torch`` leaves what each layer gave itself. ``zero_residual`` does too, but for
            the last batch norm's weight of each residual body, which is 0, so that residuals begin
            as links (Goyal et al., arXiv:1706.02677). ``near_linear`` does that where the link is
            the input as it is, and lets ReLUs begin as nearly linear, see `_near_linear`.
            ``zennet``: as ``zero_residual``, and convolutions and linear layers normal by Xavier's
            rule with gain 3.26033, biases 0, norms 1 and 0.
    Source: of ``zennet``: ZenNAS and ZenNet-SA-FER, published code; of ``near_linear``: nasfer's
        own, results/defaults.md.
    Raises:
        SpecError: no such weights.
    """
    if kind == "torch":
        return
    if kind not in ("zero_residual", "near_linear", "zennet"):
        raise SpecError(f"init: {kind!r}: torch, zero_residual, near_linear and zennet are known")
    if kind == "zennet":
        _draw_zennet(model)
    zero_residuals(model, projected=kind != "near_linear")
    if kind == "near_linear":
        _near_linear(model)


def _near_linear(model: Network) -> None:
    """Let each ReLU pass nearly all that its batch norm gives it, and no logit depend on width.

    Gradients of a deep chain of norms and ReLUs are noise at the start (Balduzzi et al., ICML 2017,
    arXiv:1702.08591), and residuals whose shortcut is such a chain are one. A norm that a ReLU
    follows begins with bias 2, so that hardly a value is cut; the next norm takes the mean away.
    The trunk's last norm keeps bias 0, since no norm follows, and begins with weight 256 / width
    where it is wider: Adam moves a logit by the learning rate times the sum of the features.
    """
    for module in model.modules():
        if isinstance(module, nn.Sequential):
            for layer, following in pairwise(module):
                norm = _ending(layer)
                if norm is not None and isinstance(following, RECTIFIERS):
                    nn.init.constant_(norm.bias, LINEAR_BIAS)
    last = model.features[-1]
    layers = list(last) if isinstance(last, nn.Sequential) else [last]
    if layers and isinstance(layers[-1], RECTIFIERS):
        del layers[-1]
    if layers and isinstance(layers[-1], _BatchNorm):
        nn.init.zeros_(layers[-1].bias)
        nn.init.constant_(layers[-1].weight, min(1.0, PLAIN_WIDTH / layers[-1].num_features))


def _ending(module: nn.Module) -> _BatchNorm | None:
    """Return the batch norm that gives a module's output; of a residual link its shortcut's."""
    if isinstance(module, ResidualLink):
        return None if module.shortcut is None else _ending(module.shortcut)
    if isinstance(module, nn.Sequential) and len(module):
        return _ending(module[-1])
    return module if isinstance(module, _BatchNorm) else None


def _draw_zennet(model: nn.Module) -> None:
    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Conv1d, nn.Linear)):
            nn.init.xavier_normal_(module.weight, gain=ZENNET_GAIN)
        elif isinstance(module, (_BatchNorm, nn.GroupNorm, nn.LayerNorm)):
            nn.init.ones_(module.weight)
        else:
            continue
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def adjust(model: nn.Module, recipe: Recipe) -> None:
    """Set what a recipe changes in layers but not in weights: also for loaded networks.

    Batch norm's momentum, and the rates of stochastic depth: the last of ``n`` residual links
    drops its body at the recipe's rate, link ``i`` at ``i / n`` of it.

    Raises:
        SpecError: stochastic depth for a network without residual links.
    Source: Huang et al., ECCV 2016, arXiv:1603.09382 (linear decay).
    """
    for module in model.modules():
        if isinstance(module, _BatchNorm):
            module.momentum = recipe.bn_momentum
    rate = recipe.stochastic_depth
    if rate is None:
        return
    links = residual_links(model)
    if rate and not links:
        raise SpecError(f"stochastic_depth: {rate}: this network has no residual links; 0 or none")
    for index, link in enumerate(links, start=1):
        own = [module for module in link.body.modules() if isinstance(module, StochasticDepth)]
        for module in own:
            module.p = 0.0
        drop = StochasticDepth(rate * index / len(links), mode="row")
        link.drop = drop.train(link.training)
