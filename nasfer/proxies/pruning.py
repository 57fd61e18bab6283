"""Saliencies of weight pruning, summed up: asked for often, and all near copies of each other.

On public tables snip, grad_norm and fisher agree by a Spearman of .98, and all follow size; l2_norm
follows naswot by .94 and reads the widths alone. So one of them tells what the six tell.

All are of convolutions and linear layers, cross-entropy of drawn labels on ``settings.batch`` drawn
images, Kaiming weights, batch norm in train mode. Source: Abdelfattah et al., ICLR 2021,
arXiv:2101.08134, and what it cites.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nasfer.arch import Arch, ops
from nasfer.errors import ProxyError
from nasfer.proxies._base import Settings, register_proxy

if TYPE_CHECKING:
    from torch import Tensor, nn

    from nasfer.models import Network


@register_proxy(
    "snip",
    random=True,
    unit="",
    needs="gradients",
    source="Lee et al., ICLR 2019, arXiv:1810.02340",
)
def snip(arch: Arch, settings: Settings) -> float:
    """Near copy of grad_norm and fisher: ``sum |w g|``.

    Cost: one forward and backward pass of a batch.
    """
    return float(sum((w * g).abs().sum() for w, g in _weights_and_gradients(arch, settings)))


@register_proxy(
    "grad_norm", random=True, unit="", needs="gradients",
    source="Abdelfattah et al., ICLR 2021, arXiv:2101.08134",
)  # fmt: skip
def grad_norm(arch: Arch, settings: Settings) -> float:
    """Near copy of snip and fisher: the sum over layers of the norm of the weights' gradient.

    Cost: one forward and backward pass of a batch.
    """
    return float(sum(g.norm() for _, g in _weights_and_gradients(arch, settings)))


@register_proxy(
    "plain", random=True, unit="", needs="gradients",
    source="Mozer and Smolensky, NeurIPS 1988",
)  # fmt: skip
def plain(arch: Arch, settings: Settings) -> float:
    """Near copy of chance: ``sum w g``, to which layers before a batch norm add exactly nothing.

    Cost: one forward and backward pass of a batch.
    """
    return float(sum((w * g).sum() for w, g in _weights_and_gradients(arch, settings)))


@register_proxy(
    "grasp", random=True, unit="", needs="gradients",
    source="Wang et al., ICLR 2020, arXiv:2002.07376",
)  # fmt: skip
def grasp(arch: Arch, settings: Settings) -> float:
    """Near copy of grad_norm: ``-sum w Hg``, before a batch norm the squared norm of the gradient.

    So of most networks it is the sum of these squares and of the class layer's share.

    Raises:
        ProxyError: the network has hard sigmoids, whose second derivative torch lacks.
    Cost: a forward, a backward and a second backward pass of a batch.
    """
    for block in (*arch.blocks, arch.head):
        for op in ops.walk(block.ops()):
            if isinstance(op, ops.Activation) and op.kind == "hard_sigmoid":
                raise ProxyError("grasp: torch has no second derivative of hard_sigmoid")
    network, images, labels, of = _batch(arch, settings)
    return float(sum(t.sum() for t in grasp_terms(network, images, labels, of)))


@register_proxy(
    "fisher", random=True, unit="", needs="gradients",
    source="Turner et al., ICLR 2020, arXiv:1906.04113",
)  # fmt: skip
def fisher(arch: Arch, settings: Settings) -> float:
    """Near copy of snip and grad_norm: ``sum over channels of mean_n (sum a dL/da)^2 / 2``.

    Of the outputs a of convolutions and linear layers.

    Cost: one forward and backward pass of a batch. Memory: all maps of a pass.
    """
    import torch
    from torch.nn import functional

    from nasfer.proxies.fresh_network import Weighted, logits

    network, images, labels, _ = _batch(arch, settings)
    maps: list[Tensor] = []

    def keep(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        maps.append(output)

    for module in network.modules():
        if isinstance(module, Weighted):
            module.register_forward_hook(keep)
    loss = functional.cross_entropy(logits(network, images), labels)
    gradients = torch.autograd.grad(loss, maps, materialize_grads=True)
    products = (a.detach() * g for a, g in zip(maps, gradients))
    return float(sum(_channel_saliency(part, len(images)) for part in products))


@register_proxy(
    "l2_norm", random=True, unit="", needs="images",
    source="Abdelfattah et al., ICLR 2021, arXiv:2101.08134",
)  # fmt: skip
def l2_norm(arch: Arch, settings: Settings) -> float:
    """Near copy of ``sum sqrt(2 C_out)``: the sum over layers of the norm of fresh weights.

    Cost: one draw of the weights; no image is read.
    """
    from nasfer.proxies.fresh_network import draws, fresh_network
    from nasfer.proxies.gradients import weights

    network = fresh_network(arch, settings, draws(settings))
    return float(sum(weight.detach().norm() for weight in weights(network)))


def grasp_terms(
    network: Network, images: Tensor, labels: Tensor, of: list[nn.Parameter]
) -> list[Tensor]:
    """Return ``-w Hg`` of each parameter."""
    import torch

    from nasfer.proxies.gradients import batch_gradients

    gradients = batch_gradients(network, images, labels, of, again=True)
    square = sum((g.detach() * g).sum() for g in gradients)
    products = torch.autograd.grad(square, of, materialize_grads=True)  # type: ignore[arg-type]
    return [-(weight.detach() * product) for weight, product in zip(of, products)]


def _channel_saliency(products: Tensor, images: int) -> Tensor:
    """Half the mean over images of the squared sum over cells, summed over channels."""
    channels = len(products) // images * products.shape[1]  # with those folded into the batch
    return products.reshape(images, channels, -1).sum(2).square().mean(0).sum() / 2


def _weights_and_gradients(arch: Arch, settings: Settings) -> list[tuple[Tensor, Tensor]]:
    from nasfer.proxies.gradients import batch_gradients

    network, images, labels, of = _batch(arch, settings)
    gradients = batch_gradients(network, images, labels, of)
    return [(weight.detach(), gradient) for weight, gradient in zip(of, gradients)]


def _batch(arch: Arch, settings: Settings) -> tuple[Network, Tensor, Tensor, list[nn.Parameter]]:
    """Return a fresh network, drawn images and labels, and the weights that count."""
    from nasfer.proxies.fresh_network import drawn_labels, draws, fresh_network, normal_images
    from nasfer.proxies.gradients import weights

    generator = draws(settings)
    network = fresh_network(arch, settings, generator)
    images = normal_images(network, settings, generator, settings.batch)
    labels = drawn_labels(network, settings, generator, settings.batch)
    return network, images, labels, weights(network)
