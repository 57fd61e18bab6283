"""ZiCo: are an untrained network's gradients large, and steady from batch to batch?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from nasfer.arch import Arch
from nasfer.errors import ProxyError
from nasfer.proxies._base import Settings, register_proxy

if TYPE_CHECKING:
    from torch import Tensor

BATCHES = 8
"""With two, each term is at least 1 and the score nearly counts weights."""


@register_proxy(
    "zico", random=True, unit="nat", needs="gradients",
    source="Li et al., ICLR 2023, arXiv:2301.11300",
)  # fmt: skip
def zico(arch: Arch, settings: Settings) -> float:
    r"""How large and steady the gradients of eight batches are: mean over deviation, log-summed.

    ``sum over layers of ln(sum over weights of mean_b |g_b| / std_b(g_b))``, the population's
    deviation; weights whose gradient never changes are left out, and layers of only such.

    Raises:
        ProxyError: no gradient changes at all, or the network is too large.
    Cost: eight forward and backward passes of half of ``settings.batch`` images each, two at least;
        labels are drawn. Memory: all maps of a pass, and three values a weight.
    Source: the paper; batches of N(0, 1) images in place of a data set's. Gradients of
        convolutions and linear layers. Kaiming weights; batch norm in train mode.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> stem = parse_arch("SuperConvK3BNRELU(3,8,2,1)")
        >>> zico(stem, Settings(resolution=16, batch=4)) > 0
        True
    """
    from nasfer.proxies.fresh_network import drawn_labels, draws, fresh_network, normal_images
    from nasfer.proxies.gradients import batch_gradients, check_room, weights

    generator = draws(settings)
    network = fresh_network(arch, settings, generator)
    of = weights(network)
    check_room("zico", of, 3, 8)
    count = max(2, settings.batch // 2)

    def batches() -> Iterable[Sequence[Tensor]]:
        for _ in range(BATCHES):
            images = normal_images(network, settings, generator, count)
            labels = drawn_labels(network, settings, generator, count)
            yield batch_gradients(network, images, labels, of)

    return sum_over_layers(batches())


def sum_over_layers(batches: Iterable[Sequence[Tensor]]) -> float:
    """Return the score of gradients, a sequence of one tensor a layer from each batch.

    Raises:
        ProxyError: no gradient changes.
    Example:
        >>> import torch
        >>> one, two = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 2.0])
        >>> round(sum_over_layers([[one], [two]]), 4)  # the second weight is left out: ln(2 / 1)
        0.6931
    """
    import torch

    mean: list[Tensor] = []
    squares: list[Tensor] = []  # of the deviations, by Welford's update
    sizes: list[Tensor] = []
    count = 0
    for count, gradients in enumerate(batches, start=1):
        exact = [gradient.detach().double() for gradient in gradients]
        if count == 1:
            mean, squares, sizes = ([torch.zeros_like(g) for g in exact] for _ in range(3))
        for index, gradient in enumerate(exact):
            change = gradient - mean[index]
            mean[index] += change / count
            squares[index] += change * (gradient - mean[index])
            sizes[index] += gradient.abs()
    terms = []
    for square, size in zip(squares, sizes):
        moving = square > 0
        if bool(moving.any()):
            deviation = (square[moving] / count).sqrt()
            terms.append(float((size[moving] / count / deviation).sum().log()))
    if not terms:
        raise ProxyError("zico: no gradient changes from batch to batch; no score")
    return sum(terms)
