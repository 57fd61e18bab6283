"""How long a forward pass takes."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

import torch
from torch import Tensor

from nasfer.models import Network

WARM_UP = 3
"""Passes before those that are timed."""

LEAST_PASSES = 10
MOST_PASSES = 100
SECONDS = 3.0
"""A batch size is timed for so long, within these numbers of passes."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Time of a forward pass.

    Args:
        batch: images a pass.
        threads: of torch.
        median_ms: of the passes, in milliseconds.
        p95_ms: that 95 % of the passes stay within.
        images_per_s: images by the median's time.
        passes: that were timed.
    """

    batch: int
    threads: int
    median_ms: float
    p95_ms: float
    images_per_s: float
    passes: int


def latency(
    model: Network, resolution: int, *, batches: tuple[int, ...] = (1, 32), threads: int = 1
) -> list[Latency]:
    """Time forward passes of a network on the device where it is, images there already.

    Args:
        model: put in evaluation mode for the while.
        resolution: side of the images, in pixels.
        batches: images a pass, one result each.
        threads: of torch on the CPU, for the while.
    Cost: 3 to 100 passes a batch size, about 3 s each.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> from nasfer.models import create_model
        >>> tiny = create_model(parse_arch("SuperConvK3BNRELU(1,8,2,1)"))
        >>> [found.batch for found in latency(tiny, 32, batches=(1,))]
        [1]
    """
    before, was_training = torch.get_num_threads(), model.training
    torch.set_num_threads(threads)
    model.eval()
    try:
        return [
            _timed(model, model.example_inputs(batch, resolution), threads) for batch in batches
        ]
    finally:
        torch.set_num_threads(before)
        model.train(was_training)


@torch.inference_mode()
def _timed(model: Network, inputs: tuple[Tensor, ...], threads: int) -> Latency:
    for _ in range(WARM_UP):
        model.predict(*inputs)
    seconds: list[float] = []
    while len(seconds) < LEAST_PASSES or (len(seconds) < MOST_PASSES and sum(seconds) < SECONDS):
        _wait(inputs[0])
        start = time.perf_counter()
        model.predict(*inputs)
        _wait(inputs[0])
        seconds.append(time.perf_counter() - start)
    median = statistics.median(seconds)
    p95 = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
    batch = len(inputs[0])
    return Latency(batch, threads, 1e3 * median, 1e3 * p95, batch / median, len(seconds))


def _wait(images: Tensor) -> None:
    """Wait for the GPU, if the images are on one."""
    if images.is_cuda:
        torch.cuda.synchronize(images.device)
