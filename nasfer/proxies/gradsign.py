"""GradSign: do the images of a batch pull an untrained network's weights the same way?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nasfer.arch import Arch
from nasfer.proxies._base import Settings, register_proxy

if TYPE_CHECKING:
    from torch import Tensor


@register_proxy(
    "gradsign", random=True, unit="images", needs="gradients",
    source="Zhang and Jia, ICLR 2022, arXiv:2110.08616",
)  # fmt: skip
def gradsign(arch: Arch, settings: Settings) -> float:
    r"""How many images of a batch, more than the others, agree on the sign of a weight's gradient.

    ``mean over weights of |sum_n sign g_n|``, g_n the gradient of the cross-entropy of image n
    alone. The paper sums over weights, which counts them; the mean does not.

    Cost: a forward and backward pass of each of ``settings.batch`` images alone; labels are drawn.
    Source: the paper's algorithm, but for the mean. All parameters. Kaiming weights; batch norms
        hold the statistics of the whole batch, since one image alone has none on maps of one cell.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> stem = parse_arch("SuperConvK3BNRELU(3,8,2,1)")
        >>> 0 < gradsign(stem, Settings(resolution=16, batch=4)) < 4
        True
    """
    from nasfer.proxies.fresh_network import (
        drawn_labels,
        draws,
        fresh_network,
        normal_images,
        settle_norms,
    )
    from nasfer.proxies.gradients import image_gradients

    generator = draws(settings)
    network = fresh_network(arch, settings, generator)
    images = normal_images(network, settings, generator, settings.batch)
    labels = drawn_labels(network, settings, generator, settings.batch)
    of = list(settle_norms(network, images).parameters())
    return agreement_of_signs(image_gradients(network, images, labels, of))


def agreement_of_signs(rows: Iterable[Tensor]) -> float:
    """Return ``mean_i |sum_n sign g_ni|`` of the rows ``(P,)`` of some images.

    Example:
        >>> import torch
        >>> rows = [torch.tensor([1.0, 2.0]), torch.tensor([3.0, -1.0]), torch.tensor([-2.0, 0.0])]
        >>> agreement_of_signs(rows)  # the signs add up to 1 and 0
        0.5
    """
    first, *others = (row.sign() for row in rows)
    for signs in others:
        first = first + signs
    return float(first.abs().double().mean())
