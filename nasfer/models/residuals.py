"""The residual links of a network, and the start in which they are links alone."""

from __future__ import annotations

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from nasfer.models.joins import ResidualLink


def residual_links(model: nn.Module) -> list[ResidualLink]:
    """Return the residual links, from the input on."""
    return [module for module in model.modules() if isinstance(module, ResidualLink)]


def zero_residuals(model: nn.Module, *, projected: bool = True) -> None:
    """Set the last batch norm's weight of each residual body to 0: residuals begin as links.

    Args:
        projected: also where the link is no identity but a projection.
    Source: Goyal et al., arXiv:1706.02677.
    """
    for link in residual_links(model):
        norms = [module for module in link.body.modules() if isinstance(module, _BatchNorm)]
        if norms and (projected or link.shortcut is None):
            nn.init.zeros_(norms[-1].weight)
