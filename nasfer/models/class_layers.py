"""The layers that write logits: found at the end of a head, left out, put anew."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from nasfer.errors import SpecError
from nasfer.models.joins import Outputs


class NoClasses(nn.Identity):
    """Stands where a class layer was: what the layer read passes through.

    Args:
        in_features: of the layer that was here.
    """

    def __init__(self, in_features: int) -> None:
        super().__init__()
        self.in_features = in_features

    def extra_repr(self) -> str:
        """Show the width."""
        return f"in_features={self.in_features}"


def class_layers(head: nn.Module, name: str) -> Iterator[tuple[str, nn.Linear | NoClasses]]:
    """Yield the layer that ends a head, one a branch where it has several outputs, by name.

    Args:
        head: the module.
        name: of the head; the layers' names begin with it.
    Raises:
        SpecError: the head ends in anything but a linear layer.
    Example:
        >>> head = nn.Sequential(nn.Flatten(), nn.Linear(8, 7))
        >>> [(name, layer.in_features) for name, layer in class_layers(head, "head")]
        [('head.1', 8)]
    """
    if isinstance(head, nn.Linear | NoClasses):
        yield name, head
    elif isinstance(head, nn.Sequential) and len(head):
        yield from class_layers(head[-1], f"{name}.{len(head) - 1}")
    elif isinstance(head, Outputs):
        for index, branch in enumerate(head.branches):
            yield from class_layers(branch, f"{name}.branches.{index}")
    else:
        raise SpecError(f"head: it ends in {type(head).__name__}; a linear layer is needed")


def before_classes(head: nn.Module, x: Tensor | tuple[Tensor, Tensor]) -> tuple[Tensor, ...]:
    """Run a head up to its class layers: what each of them reads, ``(N, C)`` each."""
    if isinstance(head, nn.Sequential) and len(head):
        *others, last = head
        for child in others:
            x = child(x)
        return before_classes(last, x)
    if isinstance(head, Outputs):
        return tuple(part for branch in head.branches for part in before_classes(branch, x))
    assert isinstance(x, Tensor)
    return (x,)


def set_class_layers(network: nn.Module, layers: dict[str, nn.Linear | NoClasses], to: int) -> None:
    """Put fresh class layers of ``to`` logits in the place of a network's; 0 is none.

    Args:
        network: changed in place; a new layer lies where the network's other parameters do.
        layers: of `class_layers`, by name in the network.
        to: number of logits.
    """
    like = next(network.parameters())
    for name, layer in layers.items():
        fresh: nn.Module = NoClasses(layer.in_features)
        if to:
            with torch.device(like.device):
                fresh = nn.Linear(layer.in_features, to, dtype=like.dtype)
        parent, _, last = name.rpartition(".")
        setattr(network.get_submodule(parent), last, fresh)
