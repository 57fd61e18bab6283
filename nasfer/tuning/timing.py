"""How fast the trained networks are: timed one after the other, when no trial runs any more."""

from __future__ import annotations

import platform

from nasfer.inference.latency import latency
from nasfer.models import create_model
from nasfer.presets import load_arch
from nasfer.runs.latencies import read_latencies, write_latencies
from nasfer.runs.records import LatencyRecord
from nasfer.tuning.book import Book


def time_networks(book: Book, threads: int, device: str) -> dict[str, LatencyRecord]:
    """Time one image through each network that was trained to its end; those known stay.

    All are timed by this process, on one machine, whichever trained them; weights do not matter.

    Args:
        threads: of torch on the CPU.
        device: as torch names it.
    Returns:
        The latencies by digest; they stand in ``latency.json`` of the run, too.
    Raises:
        RunFolderError: the file is damaged or cannot be written.
    Cost: up to 3 s a network.
    """
    known = read_latencies(book.folder.path)
    for record in book.ended("done"):
        if record.digest in known or record.test is None or record.resolution is None:
            continue
        arch = load_arch(record.structure).with_classes(len(record.test.class_names))
        model = create_model(arch).to(device)
        (timed,) = latency(model, record.resolution, batches=(1,), threads=threads)
        known[record.digest] = LatencyRecord(
            timed.median_ms, timed.p95_ms, threads, device, platform.node()
        )
        write_latencies(book.folder.path, known)
    return known
