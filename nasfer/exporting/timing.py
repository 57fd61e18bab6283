"""How long the exported file takes in onnxruntime: the latency of what is deployed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from torch import Tensor

from nasfer.exporting.onnx_file import open_onnx, to_onnx
from nasfer.exporting.opened import OnnxNetwork
from nasfer.exporting.tracing import trace
from nasfer.inference.latency import Latency, interleaved, summary
from nasfer.inference.probabilities import Reader
from nasfer.models import Network

BACKEND = "onnxruntime"


@dataclass(frozen=True, slots=True)
class Timed:
    """A file to time, and what it is fed.

    Args:
        file: of ONNX, or its content.
        calls: inputs of a call, one result each.
    """

    file: Path | bytes = field(repr=False)
    calls: Sequence[tuple[Tensor, ...]]


def exported(model: Network, resolution: int, batches: Sequence[int]) -> Timed:
    """Return a network as the file that `nasfer.export` writes, of any batch, to be timed.

    Args:
        model: anywhere; it stays there, and as it is.
        resolution: side of the images, in pixels.
        batches: images a call.
    """
    still = copy.deepcopy(model).cpu().eval()
    content = to_onnx(trace(still, resolution, None), still, {})
    return Timed(content, [still.example_inputs(batch, resolution) for batch in batches])


def time_reader(
    model: Reader, resolution: int, *, batches: Sequence[int] = (1, 32), threads: int = 1
) -> list[Latency]:
    """Time a network as an exported file, or a file that was opened as it is.

    Args:
        model: of torch, or an `OnnxNetwork`; one of a fixed batch is timed by that alone.
        resolution: side of the images, in pixels.
        batches: images a call, one result each.
        threads: of onnxruntime.
    """
    if isinstance(model, OnnxNetwork):
        sizes = [model.fixed] if model.fixed else batches
        calls = [model.example_inputs(batch, resolution) for batch in sizes]
        (found,) = time_files([Timed(model.content, calls)], threads=threads)
    else:
        assert isinstance(model, Network)
        (found,) = time_files([exported(model, resolution, batches)], threads=threads)
    return found


def time_files(
    files: Sequence[Timed],
    *,
    threads: int = 1,
    watch: Callable[[int, int], None] | None = None,
) -> list[list[Latency]]:
    """Time files in onnxruntime on the CPU, all of them and all their calls in turns.

    Args:
        files: all are open at once.
        threads: of each session; no more are used.
        watch: called now and then with the part that is done, in percent, and 100.
    Returns:
        For each file a result a call.
    Cost: 3 to 100 passes a call, about 3 s each.
    """
    flat = [(one, inputs) for one in files for inputs in one.calls]
    sessions = {id(one): open_onnx(one.file, threads=threads) for one in files}
    times = interleaved([partial(sessions[id(one)], inputs) for one, inputs in flat], watch)
    found = iter(
        summary(seconds, len(inputs[0]), threads, BACKEND)
        for seconds, (_, inputs) in zip(times, flat)
    )
    return [[next(found) for _ in one.calls] for one in files]
