"""NTK condition: are all directions of an untrained network's kernel alike easy to learn?"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from nasfer.arch import Arch
from nasfer.errors import ProxyError
from nasfer.proxies._base import Settings, register_proxy

if TYPE_CHECKING:
    from torch import Tensor


@register_proxy(
    "ntk", random=True, unit="nat", needs="gradients",
    source="Chen et al. (TE-NAS), ICLR 2021, arXiv:2102.11535",
)  # fmt: skip
def ntk(arch: Arch, settings: Settings) -> float:
    r"""Minus the log of the condition number of the neural tangent kernel of a batch; at most 0.

    ``-ln(lambda_max / lambda_min)`` of ``J J^T``, whose rows are the gradients of each image's
    summed logits. The paper ranks the condition itself, where lower is better.

    Raises:
        ProxyError: the kernel is singular, or the gradients take too much memory.
    Cost: a forward and backward pass of each of ``settings.batch`` images in float64, no labels.
        Memory: a gradient of all parameters for each image.
    Source: the paper, with its code's sum over logits. Kaiming weights. Batch norms hold
        the statistics of the whole batch as constants, where TE-NAS has them in train mode, so
        that the rows are gradients of single images.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> ntk(parse_arch("SuperConvK3BNRELU(3,8,2,1)"), Settings(resolution=16, batch=4)) < 0
        True
    """
    from nasfer.proxies.fresh_network import draws, fresh_network, normal_images, settle_norms
    from nasfer.proxies.gradients import check_room, image_gradients

    generator = draws(settings)
    network = fresh_network(arch, settings, generator)
    images = normal_images(network, settings, generator, settings.batch).double()
    of = list(settle_norms(network.double(), images).parameters())
    check_room("ntk", of, settings.batch, 8)
    return -log_condition(image_gradients(network, images, None, of))


def log_condition(rows: Iterable[Tensor]) -> float:
    """Return ``ln(lambda_max / lambda_min)`` of the Gram matrix of rows ``(P,)``.

    Raises:
        ProxyError: it is singular, to the last digits.
    Example:
        >>> import torch
        >>> rows = [torch.tensor([1.0, 0.0]), torch.tensor([0.0, 3.0])]
        >>> round(log_condition(rows), 4)  # ln 9
        2.1972
    """
    import torch

    from nasfer.proxies.spectra import eigenvalues

    jacobian = torch.stack(list(rows)).double()
    found = eigenvalues(jacobian @ jacobian.T)
    if found[0] <= found[-1] * torch.finfo(torch.float64).eps * len(found):
        raise ProxyError("ntk: the kernel of these images is singular; no score")
    return math.log(float(found[-1] / found[0]))
