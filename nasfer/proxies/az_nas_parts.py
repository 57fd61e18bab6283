"""What AZ-NAS measures of a network's maps: expressivity, progressivity, trainability."""

from __future__ import annotations

import itertools
import statistics
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from nasfer.arch import Arch
from nasfer.errors import ProxyError
from nasfer.proxies._base import Settings
from nasfer.proxies.fresh_network import draws, fresh_network, normal_images
from nasfer.proxies.spectra import channel_spectrum, entropy, largest_singular_value
from nasfer.proxies.units import trunk_units


@dataclass(frozen=True, slots=True)
class Measured:
    """Three parts of the score; the fourth, complexity, is the network's FLOPs.

    Args:
        expressivity: sum over units of the entropy of the map's channels, nat.
        progressivity: smallest growth of that entropy from a unit to the next, nat.
        trainability: mean of ``2 - s - 1 / s``, s the largest singular value of what a unit does
            to gradients; at most 0.
    """

    expressivity: float
    progressivity: float
    trainability: float


def measure(arch: Arch, settings: Settings) -> Measured:
    """Measure a network's trunk, unit by unit; heads that go on convolving are not followed.

    Cost: one forward pass of ``settings.batch`` images, and one backward pass of the maps.
    Raises:
        ProxyError: there are fewer than two units, so nothing can grow.
    """
    generator = draws(settings)
    network = fresh_network(arch, settings, generator).requires_grad_(False)
    maps = normal_images(network, settings, generator, settings.batch)
    entropies: list[float] = []
    trainabilities: list[float] = []
    for unit in trunk_units(network):
        read = maps.detach().requires_grad_()
        maps = unit(read)
        if entropies:
            signs = torch.randint(2, maps.shape, generator=generator).to(maps) * 2 - 1
            (back,) = torch.autograd.grad(maps, read, signs)
            trainabilities.append(trainability(back, signs))
        entropies.append(entropy(channel_spectrum(maps)))
    if len(entropies) < 2:
        raise ProxyError(f"az_nas: {arch.digest()} has one unit; two at least are compared")
    growth = min(after - before for before, after in itertools.pairwise(entropies))
    return Measured(sum(entropies), growth, statistics.fmean(trainabilities))


def trainability(back: Tensor, signs: Tensor) -> float:
    """Return ``2 - s - 1 / s``, s the largest singular value of the mean of ``g_in g_out^T``.

    Where the map shrinks, the cells that fall together are channels of one cell.

    Args:
        back: ``(N, C, H, W)`` gradient at what a unit reads.
        signs: ``(N, C', H', W')`` gradient at what it writes, of +1 and -1.
    Returns:
        At most 0, which a unit reaches that turns gradients without making them larger or smaller.
    Example:
        >>> same = torch.ones(2, 1, 4, 4)
        >>> round(trainability(same, same), 6) + 0.0
        0.0
    """
    height, width = signs.shape[2:]
    ratio = max(-(-back.shape[2] // height), -(-back.shape[3] // width))
    if ratio > 1:
        bottom, right = height * ratio - back.shape[2], width * ratio - back.shape[3]
        back = functional.pixel_unshuffle(functional.pad(back, (0, right, 0, bottom)), ratio)
    read, written = (g.double().transpose(0, 1).flatten(1) for g in (back, signs))
    largest = largest_singular_value(read @ written.T / written.shape[1])
    if largest == 0:
        raise ProxyError("az_nas: no gradient passes a unit; no score")
    return 2 - largest - 1 / largest
