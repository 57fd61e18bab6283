"""Log-synflow: how much flows through an untrained network of positive weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nasfer.arch import Arch, ops
from nasfer.arch.parts import COMBINATORS
from nasfer.errors import ProxyError
from nasfer.proxies._base import Settings, register_proxy

if TYPE_CHECKING:
    from torch import Tensor, nn

LINEAR = (
    ops.Conv, ops.Linear, ops.BatchNorm, ops.GlobalMean, ops.AdaptiveMean, ops.GlobalMax,
    ops.MaxPool, ops.Dropout, ops.StochasticDepth, ops.Flatten, ops.Unflatten, ops.Shuffle,
    ops.Scale, ops.Times, ops.Resize, ops.Region, ops.RepeatChannels, ops.SumGroups,
    ops.ChannelMean, ops.ChannelMax, ops.ChannelConv,
)  # fmt: skip
"""Operations that multiply their output by a when what they read is multiplied by a, over 0."""

BROKEN = (ops.Gate, ops.Product)
"""Joins that multiply parts: the flow is no longer one of single paths."""


@register_proxy(
    "log_synflow", random=True, unit="nat", needs="gradients",
    source="Tanaka et al., NeurIPS 2020, arXiv:2006.05467",
)  # fmt: skip
def log_synflow(arch: Arch, settings: Settings) -> float:
    r"""Log of the synaptic flow: the sum over weights of their share in the output of one image.

    All weights are taken as positive, batch norms are left out, the image is one of ones; with R
    the sum of the logits the score is ``ln sum |w dR/dw|``. In a chain without links and biases of
    L layers that is ``ln L + ln R``.

    Raises:
        ProxyError: the network has a gate, such as squeeze-and-excitation, or an activation other
            than ReLU and ReLU6: what flows is then not proportional to the image.
    Cost: one forward and backward pass of one image in float64; no labels.
    Source: the paper's first round, without pruning. Raw values reach 1e61, so the logarithm is
        taken here. ReLU6 is ReLU: its ceiling means nothing at these sizes. Kaiming weights.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> log_synflow(parse_arch("SuperConvK3BNRELU(3,8,2,1)"), Settings(resolution=16)) > 0
        True
    """
    import torch
    from torch import nn

    from nasfer.proxies.fresh_network import draws, fresh_network, logits

    for block in (*arch.blocks, arch.head):
        for op in ops.walk(block.ops()):
            refuse(op)
    network = fresh_network(arch, settings, draws(settings)).double()
    _replace(network, nn.BatchNorm2d, nn.Identity)
    _replace(network, nn.ReLU6, nn.ReLU)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.abs_()
    size = (1, arch.in_channels, settings.resolution, settings.resolution)
    images = torch.ones(size, dtype=torch.float64, device=settings.device)
    return log_flow(logits(network, images).sum(), network)


def refuse(op: ops.Op) -> None:
    """Refuse an operation through which nothing flows in proportion.

    Raises:
        ProxyError: it is one; the message names it.
    """
    if isinstance(op, BROKEN):
        name = "a gate, such as squeeze-and-excitation," if isinstance(op, ops.Gate) else "Product"
    elif isinstance(op, ops.Activation):
        if op.kind in ("relu", "relu6"):
            return
        name = f"activation {op.kind}"
    elif isinstance(op, (*LINEAR, *COMBINATORS)):
        return
    else:
        name = type(op).__name__
    raise ProxyError(f"log_synflow: {name} breaks the flow; networks of ReLU alone have one")


def log_flow(total: Tensor, network: nn.Module) -> float:
    """Return ``ln sum |w dR/dw|`` over the parameters of which R is differentiable.

    Args:
        total: R, a scalar that was computed from the network's parameters.
        network: with parameters none below zero.
    """
    import torch

    of = [parameter for parameter in network.parameters() if parameter.requires_grad]
    gradients = torch.autograd.grad(total, of, materialize_grads=True)
    flows = [(p.detach() * g).abs().sum() for p, g in zip(of, gradients)]
    return float(torch.stack(flows).sum().log())


def _replace(module: nn.Module, old: type[nn.Module], new: type[nn.Module]) -> None:
    """Put layers of one kind in the place of those of another."""
    for name, child in module.named_children():
        if isinstance(child, old):
            setattr(module, name, new())
        _replace(child, old, new)
