"""The units of a network: the steps of its trunk between which several proxies look at the maps.

A block of five repeats is five units, so that it is measured as five blocks of one are.
"""

from __future__ import annotations

from torch import nn

from nasfer.models import Network
from nasfer.models.joins import ResidualLink

STEPS = (nn.Sequential, ResidualLink)
"""Children of a block that are units by themselves."""


def trunk_units(network: Network) -> list[nn.Module]:
    """Return the units of the trunk, in order; run one after the other they are ``features``.

    In a chain of single layers a unit is a convolution with what follows it; what stands before the
    first one belongs to the unit before.

    Example:
        >>> from nasfer.arch import parse_arch
        >>> from nasfer.models import create_model
        >>> one = parse_arch("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,8,1,8,2)")
        >>> len(trunk_units(create_model(one)))
        3
    """
    units: list[nn.Module] = []
    for block in network.features:
        for part in _parts(block):
            if units and not any(isinstance(m, nn.Conv2d) for m in part.modules()):
                units[-1] = nn.Sequential(units[-1], part)
            else:
                units.append(part)
    return units


def _parts(block: nn.Module) -> list[nn.Module]:
    """A block's steps, and its chains of single layers between them."""
    if not isinstance(block, nn.Sequential):
        return [block]
    parts: list[nn.Module] = []
    chain: list[nn.Module] = []
    for child in block:
        if isinstance(child, STEPS):
            parts += [nn.Sequential(*chain)] if chain else []
            parts.append(child)
            chain = []
        else:
            if isinstance(child, nn.Conv2d) and chain:
                parts.append(nn.Sequential(*chain))
                chain = []
            chain.append(child)
    return [*parts, nn.Sequential(*chain)] if chain else parts
