"""VKDNW: is the Fisher information of an untrained network spread evenly over its layers?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nasfer.arch import Arch
from nasfer.proxies._base import Settings, Whole, register_proxy

if TYPE_CHECKING:
    from torch import Tensor, nn

MOST_TENSORS = 128
"""Parameter tensors, from the input on, of which one weight enters."""

MOST_CLASSES = 10
"""Logits, each of which costs a backward pass; a class layer of more is drawn with so many."""


@register_proxy(
    "vkdnw", random=True, unit="", needs="gradients",
    source="Tybl and Neumann, CVPR 2025, arXiv:2502.04975",
)  # fmt: skip
def vkdnw(arch: Arch, settings: Settings) -> float:
    r"""Entropy of the Fisher information's spectrum, plus the number of parameter tensors.

    The Fisher information of the softmax over one weight of each tensor has singular values; their
    nine deciles, normalised to sum 1, have an entropy of at most ln 9, so that depth orders first.
    It is blind to size by construction: a partner of FLOPs, not a rival.

    Cost: a forward pass of ``settings.batch`` images and a backward pass a class, 10 at most, of
        the maps alone; no labels.
    Source: the paper. Tensors are those of convolutions, linear layers and
        batch norms; the weight is at the middle of the kernel, of the first channels. Kaiming
        weights; batch norms hold the statistics of the batch, so that images are independent.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> stem = parse_arch("SuperConvK3BNRELU(3,8,2,1)")
        >>> score = vkdnw(stem, Settings(resolution=16, batch=4))
        >>> score.parts["tensors"], 0 < score.parts["entropy"] < 2.1973
        (5.0, True)
    """
    import torch

    from nasfer.proxies.fresh_network import (
        draws,
        fresh_network,
        logits,
        normal_images,
        settle_norms,
    )

    small = arch.with_classes(min(arch.classes, MOST_CLASSES))
    generator = draws(settings)
    network = fresh_network(small, settings, generator).requires_grad_(False)
    images = normal_images(network, settings, generator, settings.batch)
    settle_norms(network, images)
    steps = _insert_steps(network, len(images), settings.device)
    found = logits(network, images)
    rows = []
    for column in found.unbind(1):
        parts = torch.autograd.grad(
            column.sum(), steps[:MOST_TENSORS], retain_graph=True, materialize_grads=True
        )
        rows.append(torch.stack(parts))
    jacobian = torch.stack(rows).permute(2, 0, 1)  # (N, classes, tensors)
    spread = spectrum_entropy(fisher_information(jacobian, found.detach().softmax(1)))
    return Whole(len(steps) + spread, {"entropy": spread, "tensors": float(len(steps))})


def fisher_information(jacobian: Tensor, shares: Tensor) -> Tensor:
    """Return ``mean_n J_n^T (diag(p_n) - p_n p_n^T) J_n``.

    Args:
        jacobian: ``(N, K, L)`` derivatives of the logits.
        shares: ``(N, K)`` softmax.
    Returns:
        ``(L, L)`` float64.
    """
    rows, weight = jacobian.double(), shares.double()[:, :, None]
    centred = rows - (weight * rows).sum(1, keepdim=True)
    spread: Tensor = ((weight * centred).transpose(1, 2) @ centred).mean(0)
    return spread


def spectrum_entropy(information: Tensor) -> float:
    """Return the entropy of the nine deciles of a matrix's eigenvalues, in nats.

    Example:
        >>> import torch
        >>> round(spectrum_entropy(torch.eye(5)), 4)  # ln 9
        2.1972
    """
    import torch

    from nasfer.proxies.spectra import eigenvalues, entropy

    found = eigenvalues(information)
    places = torch.arange(1, 10, dtype=torch.float64) / 10
    return entropy(torch.quantile(found, places))


def _insert_steps(network: nn.Module, images: int, device: str) -> list[Tensor]:
    """Let each image step along one weight of each tensor; return the steps, all 0, one a tensor.

    What a logit gains by the step of its own image is its derivative by that weight.
    """
    import torch
    from torch import nn

    steps: list[Tensor] = []

    def add(module: nn.Module, gain: Callable[[nn.Module, Tensor, Tensor], Tensor]) -> None:
        step = torch.zeros(images, device=device, requires_grad=True)
        steps.append(step)

        def move(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
            gained = gain(module, inputs[0], output)
            own = step.repeat_interleave(len(output) // images)  # copies of folded channels
            moved = gained.detach() * own.reshape(-1, *[1] * (gained.dim() - 1))
            return torch.cat([output[:, :1] + moved, output[:, 1:]], 1)

        module.register_forward_hook(move)

    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            add(module, _read_by_the_middle)
        elif isinstance(module, nn.Linear):
            add(module, lambda _, read, out: read[:, :1])
        elif isinstance(module, nn.BatchNorm2d):
            add(module, lambda _, read, out: out[:, :1])  # fresh ones scale by 1
        else:
            continue
        if module.bias is not None:
            add(module, lambda _, read, out: torch.ones_like(out[:, :1]))
    return steps


def _read_by_the_middle(conv: nn.Module, read: Tensor, out: Tensor) -> Tensor:
    """The first channel of the cells that the middle of a kernel reads, one an output cell."""
    from torch.nn import Conv2d, functional

    assert isinstance(conv, Conv2d)  # its hook; kernels, strides and padding are square here
    first, stride = (conv.kernel_size[0] - 1) // 2 * conv.dilation[0], conv.stride[0]
    padded = functional.pad(read[:, :1], [int(conv.padding[0])] * 4)
    rows, columns = out.shape[2:]
    return padded[:, :, first::stride, first::stride][:, :, :rows, :columns]
