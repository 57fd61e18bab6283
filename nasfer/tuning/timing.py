"""How fast the trained networks are: timed one after the other, when no trial runs any more."""

from __future__ import annotations

import json
import platform

from nasfer.inference.latency import latency
from nasfer.models import create_model
from nasfer.presets import load_arch
from nasfer.runs.folder import LATENCY_FILE, read_latencies, write_atomic
from nasfer.tuning.book import Book


def time_networks(book: Book, threads: int, device: str) -> None:
    """Time one image through each network that was trained to its end; those known stay.

    All are timed by this process, on one machine, whichever trained them; weights do not matter.

    Args:
        threads: of torch on the CPU.
        device: as torch names it.
    Raises:
        RunFolderError: the file is damaged or cannot be written.
    Cost: up to 3 s a network.
    """
    known = read_latencies(book.folder.path)
    for line in book.with_status("done"):
        if line["digest"] in known:
            continue
        arch = load_arch(line["structure"]).with_classes(len(line["test"]["class_names"]))
        model = create_model(arch).to(device)
        (timed,) = latency(model, line["resolution"], batches=(1,), threads=threads)
        known[line["digest"]] = {
            "median_ms": timed.median_ms,
            "p95_ms": timed.p95_ms,
            "threads": threads,
            "device": device,
            "host": platform.node(),
        }
        write_atomic(book.folder.path / LATENCY_FILE, json.dumps(known, indent=1))
