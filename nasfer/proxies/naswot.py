"""NASWOT: do an untrained network's ReLUs tell the images of a batch apart?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nasfer.arch import Arch
from nasfer.errors import ProxyError
from nasfer.proxies._base import Settings, register_proxy

if TYPE_CHECKING:
    from torch import Tensor, nn


@register_proxy(
    "naswot", random=True, unit="nat", needs="images",
    source="Mellor et al., ICML 2021, arXiv:2006.04647",
)  # fmt: skip
def naswot(arch: Arch, settings: Settings) -> float:
    r"""Log-determinant of how alike the images of a batch switch the ReLUs.

    Each image has one bit a ReLU unit, on or off. ``K[i, j]`` counts the bits on which two images
    agree; the score is ``ln |det K|``. It grows with the batch: compare equal ones only.

    Raises:
        ProxyError: there is no ReLU or ReLU6, or two images have the same bits.
    Cost: one forward pass of ``settings.batch`` images; no gradients, no labels.
    Source: the paper's kernel ``K_H``. Its script has a backward pass first; here ReLUs off the
        gradient's path count too. Kaiming weights; batch norm in train mode.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> stem = parse_arch("SuperConvK3BNRELU(3,8,2,1)")
        >>> naswot(stem, Settings(resolution=16, batch=4)) > 0
        True
    """
    import torch

    from nasfer.proxies.fresh_network import draws, fresh_network, logits, normal_images

    generator = draws(settings)
    network = fresh_network(arch, settings, generator)
    images = normal_images(network, settings, generator, settings.batch)
    kernels: list[Tensor] = []

    def count(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        on = (output.detach() > 0).reshape(len(images), -1).float()
        kernels.append(agreements(on))

    for module in network.modules():
        if isinstance(module, torch.nn.ReLU | torch.nn.ReLU6):
            module.register_forward_hook(count)
    with torch.no_grad():
        logits(network, images)
    if not kernels:
        raise ProxyError(f"naswot: {arch.digest()} has no ReLU, whose signs it counts")
    return log_determinant(torch.stack(kernels).sum(0))


def agreements(on: Tensor) -> Tensor:
    """Count the bits on which each two rows of ``(N, units)`` zeros and ones agree: ``(N, N)``.

    Example:
        >>> import torch
        >>> agreements(torch.tensor([[1.0, 0.0, 1.0], [1.0, 0.0, 0.0]])).tolist()
        [[3.0, 2.0], [2.0, 3.0]]
    """
    off = 1 - on
    return (on @ on.T + off @ off.T).double()


def log_determinant(kernel: Tensor) -> float:
    """Return ``ln |det K|`` of a kernel of agreements.

    Raises:
        ProxyError: it is singular, to the last digits.
    """
    import torch

    rank = int(torch.linalg.matrix_rank(kernel, hermitian=True))
    if rank < len(kernel):
        raise ProxyError(f"naswot: the bits of {len(kernel)} images have rank {rank}; no score")
    return float(torch.linalg.slogdet(kernel).logabsdet)
