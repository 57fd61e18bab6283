"""Jacobian covariance: do an untrained network's gradients at different images differ?"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from nasfer.arch import Arch
from nasfer.proxies._base import Settings, register_proxy

if TYPE_CHECKING:
    from torch import Tensor

DRAWS = 4
"""Networks and batches whose scores are averaged: two single draws agree by a tau of .5."""

JITTER = 1e-5


@register_proxy(
    "jacov", random=True, unit="", needs="gradients",
    source="Mellor et al., arXiv:2006.04647v1; Abdelfattah et al., ICLR 2021, arXiv:2101.08134",
)  # fmt: skip
def jacov(arch: Arch, settings: Settings) -> float:
    r"""How little the gradients at the images of a batch are correlated, mean of four draws.

    ``-sum ln(v + 1e-5) + 1 / (v + 1e-5)`` over the eigenvalues v of the correlation matrix of the
    images' gradients of the summed logits. It is at most minus the number of images.

    Cost: four forward and backward passes of ``settings.batch`` images; no labels. Memory: all maps
        of a pass.
    Source: the first version of the paper, as zero-cost-nas has it, but for the mean over draws.
        Kaiming weights; batch norm in train mode.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> stem = parse_arch("SuperConvK3BNRELU(3,8,2,1)")
        >>> jacov(stem, Settings(resolution=16, batch=4)) < -4
        True
    """
    import torch

    from nasfer.proxies.fresh_network import draws, fresh_network, logits, normal_images

    generator = draws(settings)
    scores = []
    for _ in range(DRAWS):
        network = fresh_network(arch, settings, generator).requires_grad_(False)
        images = normal_images(network, settings, generator, settings.batch).requires_grad_()
        (jacobian,) = torch.autograd.grad(logits(network, images).sum(), images)
        scores.append(spread_of_correlations(jacobian.flatten(1)))
    return statistics.fmean(scores)


def spread_of_correlations(rows: Tensor) -> float:
    """Return the score of ``(N, values)`` rows; NaN where a row is constant.

    Example:
        >>> import torch
        >>> round(spread_of_correlations(torch.tensor([[1.0, -1, 0, 0], [0, 0, 1.0, -1]])), 4)
        -2.0
    """
    import torch

    from nasfer.proxies.spectra import eigenvalues

    correlation = torch.corrcoef(rows.detach().cpu().double())
    if not bool(correlation.isfinite().all()):
        return float("nan")
    shifted = eigenvalues(correlation) + JITTER
    return -float((shifted.log() + 1 / shifted).sum())
