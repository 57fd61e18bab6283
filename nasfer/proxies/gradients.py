"""Gradients of untrained networks: of a batch, over several batches, of each image alone."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

from nasfer.errors import ProxyError
from nasfer.models import Network
from nasfer.proxies.fresh_network import Weighted, logits

MOST_BYTES = 8 * 2**30
"""Of the gradients that a proxy keeps at once."""


def weights(network: nn.Module) -> list[nn.Parameter]:
    """Return the weights of convolutions and linear layers, from the input on; no biases."""
    layers = (module for module in network.modules() if isinstance(module, Weighted))
    return [layer.get_parameter("weight") for layer in layers]


def batch_gradients(
    network: Network, images: Tensor, labels: Tensor, of: list[nn.Parameter], *, again: bool = False
) -> tuple[Tensor, ...]:
    """Return the gradient of the mean cross-entropy of a batch; zeros where nothing is read.

    Args:
        network: what is differentiated.
        images: ``(N, C, H, W)``.
        labels: ``(N,)`` int64.
        of: parameters.
        again: whether the gradients can be differentiated once more.
    """
    loss = functional.cross_entropy(logits(network, images), labels)
    return torch.autograd.grad(loss, of, create_graph=again, materialize_grads=True)


def image_gradients(
    network: Network, images: Tensor, labels: Tensor | None, of: list[nn.Parameter]
) -> Iterator[Tensor]:
    """Yield the gradient of each image alone, one flat row.

    Args:
        network: with settled norms, so that images do not see each other.
        images: ``(N, C, H, W)``.
        labels: ``(N,)`` int64, of which the cross-entropy is differentiated; ``None``: the sum of
            the logits is.
        of: parameters, together ``P`` values.
    Yields:
        ``(P,)`` of each image.
    """
    for index in range(len(images)):
        found = logits(network, images[index : index + 1])
        if labels is None:
            value = found.sum()
        else:
            value = functional.cross_entropy(found, labels[index : index + 1])
        parts = torch.autograd.grad(value, of, materialize_grads=True)
        yield torch.cat([part.flatten() for part in parts])


def check_room(proxy: str, of: list[nn.Parameter], copies: int, bytes_each: int) -> None:
    """Refuse to keep more gradients than a machine should hold for one score.

    Raises:
        ProxyError: they would take more than `MOST_BYTES`.
    """
    needed = sum(parameter.numel() for parameter in of) * copies * bytes_each
    if needed > MOST_BYTES:
        raise ProxyError(
            f"{proxy}: {needed / 2**30:,.0f} GiB of gradients for this network;"
            f" {MOST_BYTES // 2**30} GiB at most are allowed, with a smaller `batch`"
        )
