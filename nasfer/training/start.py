"""What a recipe sets in a network before its first step: weights, batch norm, stochastic depth."""

from __future__ import annotations

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torchvision.ops import StochasticDepth  # type: ignore[import-untyped]

from nasfer.errors import SpecError
from nasfer.models.residuals import residual_links, zero_residuals
from nasfer.training.recipe import Recipe

ZENNET_GAIN = 3.26033
"""The published gain of convolutions and linear layers."""


def initialise(model: nn.Module, kind: str) -> None:
    """Set the initial weights, from torch's global random generator.

    Args:
        kind: ``torch`` leaves what each layer gave itself. ``zero_residual`` does too, but for
            the last batch norm's weight of each residual body, which is 0, so that residuals begin
            as links (Goyal et al., arXiv:1706.02677). ``zennet``: that, and convolutions and linear
            layers normal by Xavier's rule with gain 3.26033, biases 0, norms 1 and 0.
    Source: of ``zennet``: ZenNAS and ZenNet-SA-FER, published code.
    Raises:
        SpecError: no such weights.
    """
    if kind == "torch":
        return
    if kind not in ("zero_residual", "zennet"):
        raise SpecError(f"init: {kind!r}: torch, zero_residual and zennet are known")
    if kind == "zennet":
        _draw_zennet(model)
    zero_residuals(model)


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
