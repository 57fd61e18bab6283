"""Does the exported file say what the network says?

It is compared with torch in double precision and in float32, and has to agree with one of them.
Group norm of single cells, in the shuffle-attention heads, multiplies the rounding of float32 by
``1 / sqrt(eps)``, about 316: what float32 torch gives there is up to 1 % of the largest logit off
its own double precision, and onnxruntime, which takes the mean away before it multiplies, is not.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nasfer.models import Network

Run = Callable[[tuple[Tensor, ...]], list[Tensor]]
"""Maps the inputs of one call to the outputs."""

TOLERANCE = 1e-4
"""Largest difference of logits of a float32 export, relative to the largest logit."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How far an exported file is from the network.

    Args:
        images: that were compared.
        double_gap: largest difference of a logit to torch in double precision.
        single_gap: likewise to torch in float32.
        torch_gap: of torch in float32 to torch in double precision.
        largest: the largest logit, in absolute value, of double precision.
        agreement: part of the images with the same most likely class.
    """

    images: int
    double_gap: float
    single_gap: float
    torch_gap: float
    largest: float
    agreement: float

    @property
    def relative(self) -> float:
        """The smaller gap, to double precision or float32, in parts of the largest logit."""
        return min(self.double_gap, self.single_gap) / self.largest


def compare(model: Network, run: Run, batches: Sequence[tuple[Tensor, ...]]) -> Parity:
    """Run a file and the network on the same inputs.

    Args:
        model: in evaluation mode.
        run: of the exported file.
        batches: inputs of each call.
    """
    exact = copy.deepcopy(model).double()
    double_gap = single_gap = torch_gap = largest = 0.0
    agreed = images = 0
    for inputs in batches:
        with torch.no_grad():
            wanted = exact.outputs(*(value.double() for value in inputs))
            single = model.outputs(*inputs)
        found = run(inputs)
        double_gap = max(double_gap, _distance(found, wanted))
        single_gap = max(single_gap, _distance(found, single))
        torch_gap = max(torch_gap, _distance(single, wanted))
        largest = max(largest, *(float(part.abs().max()) for part in wanted))
        same = _classes(model, found) == _classes(model, wanted)
        agreed, images = agreed + int(same.sum()), images + len(same)
    return Parity(images, double_gap, single_gap, torch_gap, largest, agreed / images)


def classes_of(model: Network, run: Run, batches: Sequence[tuple[Tensor, ...]]) -> Tensor:
    """Return the ``(N,)`` most likely logits that a network's file gives for the calls' images."""
    return torch.cat([_classes(model, run(inputs)) for inputs in batches])


def _distance(found: Sequence[Tensor], wanted: Sequence[Tensor]) -> float:
    """Largest difference; NaN is infinitely far."""
    gaps = [
        (ours.double() - theirs).abs().max() for ours, theirs in zip(found, wanted, strict=True)
    ]
    return float(torch.stack(gaps).nan_to_num(nan=torch.inf).max())


def _classes(model: Network, outputs: Sequence[Tensor]) -> Tensor:
    mixed = (w * part.double() for w, part in zip(model.output_weights, outputs))
    return sum(mixed, torch.zeros(())).argmax(1)
