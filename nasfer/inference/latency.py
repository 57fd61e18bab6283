"""How long a forward pass takes: passes of several networks or batch sizes in turns, medians.

What is deployed is an exported file in onnxruntime, which `nasfer.exporting.timing` times; eager
torch, timed here, counts layers more than work, and orders networks otherwise.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from nasfer.models import Network

WARM_UP = 3
"""Passes before those that are timed."""

LEAST_PASSES = 10
MOST_PASSES = 100
SECONDS = 3.0
"""Each is timed for so long, within these numbers of passes."""

TURN = 5
"""Passes of a turn; the first is not timed, as another's turn was before it."""

TURN_SECONDS = 0.25
"""A turn of slow passes ends here."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Time of a forward pass.

    Args:
        batch: images a pass.
        threads: of the backend, on the CPU.
        median_ms: of the passes, in milliseconds.
        p95_ms: that 95 % of the passes stay within.
        images_per_s: images by the median's time.
        passes: that were timed.
        backend: ``onnxruntime``, an exported file on the CPU; or ``torch``, eager.
    """

    batch: int
    threads: int
    median_ms: float
    p95_ms: float
    images_per_s: float
    passes: int
    backend: str = "torch"


def latency(
    model: Network, resolution: int, *, batches: tuple[int, ...] = (1, 32), threads: int = 1
) -> list[Latency]:
    """Time forward passes of eager torch on the device where the network is, images there already.

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
        >>> [(found.batch, found.backend) for found in latency(tiny, 32, batches=(1,))]
        [(1, 'torch')]
    """
    before, was_training = torch.get_num_threads(), model.training
    torch.set_num_threads(threads)
    model.eval()
    try:
        with torch.inference_mode():
            calls = [
                partial(_predict, model, model.example_inputs(batch, resolution))
                for batch in batches
            ]
            times = interleaved(calls)
        return [summary(one, batch, threads, "torch") for one, batch in zip(times, batches)]
    finally:
        torch.set_num_threads(before)
        model.train(was_training)


def interleaved(
    calls: Sequence[Callable[[], object]], watch: Callable[[int, int], None] | None = None
) -> list[list[float]]:
    """Time calls in turns, so that what slows the machine for a while slows all of them alike.

    Args:
        calls: what is timed.
        watch: called between turns with the part of the work that is done, in percent, and 100.
    Returns:
        Seconds of each call's passes.
    Example:
        >>> [len(times) for times in interleaved([list, dict])]
        [100, 100]
    """
    for call in calls:
        for _ in range(WARM_UP):
            call()
    times: list[list[float]] = [[] for _ in calls]
    while waiting := [pair for pair in zip(calls, times) if not _enough(pair[1])]:
        for call, seconds in waiting:
            seconds += _turn(call)[: MOST_PASSES - len(seconds)]
        if watch is not None:
            watch(int(100 * statistics.fmean(map(_share, times))), 100)
    return times


def summary(seconds: Sequence[float], batch: int, threads: int, backend: str) -> Latency:
    """Return what a call's passes come to."""
    median = statistics.median(seconds)
    p95 = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
    return Latency(
        batch, threads, 1e3 * median, 1e3 * p95, batch / median, len(seconds), backend
    )  # fmt: skip


def _enough(seconds: Sequence[float]) -> bool:
    return _share(seconds) >= 1


def _share(seconds: Sequence[float]) -> float:
    """Return how much of what a call needs is there, 1 for enough."""
    long_enough = max(len(seconds) / MOST_PASSES, sum(seconds) / SECONDS)
    return min(1.0, long_enough, len(seconds) / LEAST_PASSES)


def _turn(call: Callable[[], object]) -> list[float]:
    """Return the seconds of a turn's passes but its first."""
    call()
    seconds: list[float] = []
    while len(seconds) < TURN - 1 and sum(seconds) < TURN_SECONDS:
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return seconds


def _predict(model: Network, inputs: tuple[Tensor, ...]) -> None:
    """Run a pass to its end, on a GPU too."""
    model.predict(*inputs)
    if inputs[0].is_cuda:
        torch.cuda.synchronize(inputs[0].device)
