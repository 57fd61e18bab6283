"""How fast the trained networks are as exported files, timed when no trial runs any more."""

from __future__ import annotations

import platform
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from nasfer.errors import MissingPackageError, NasferWarning
from nasfer.inference.latency import latency as time_torch
from nasfer.models import Network, create_model
from nasfer.packages import require
from nasfer.presets import load_arch
from nasfer.runs.latencies import read_latencies, write_latencies
from nasfer.runs.records import DEPLOYED, LatencyRecord, TrialRecord
from nasfer.tuning.book import Book

TimingWatch = Callable[[str, int, int], None]

AT_ONCE = 16
"""Files that are open and timed in turns; more would not fit the memory of small machines."""


def time_networks(
    book: Book,
    threads: int,
    *,
    with_torch: bool = False,
    watch: TimingWatch = lambda stage, done, total: None,
) -> dict[str, LatencyRecord]:
    """Time one image through each network that was trained to its end; those known stay.

    All are timed by this process, on one machine's CPU, in turns, whichever trained them; weights
    do not matter. Figures of eager torch, which older versions kept, are measured anew. Without
    onnxruntime a warning says so, and nothing is measured.

    Args:
        threads: of onnxruntime, and of torch.
        with_torch: time eager torch on the CPU as well.
        watch: called with what is done, how much of it is, and how much there is.
    Returns:
        The latencies by digest; they stand in ``latency.json`` of the run, too.
    Raises:
        RunFolderError: the file is damaged or cannot be written.
    Cost: an export, some seconds, and up to 3 s a network.
    """
    known = read_latencies(book.folder.path)
    wanted = _wanted(book, known, with_torch=with_torch)
    if not wanted:
        return known
    try:
        require("export")
    except MissingPackageError as error:
        warnings.warn(f"latency: not timed: {error}", NasferWarning, stacklevel=2)
        return known
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        known |= _timed(some, threads, watch)
        if with_torch:
            known |= {one.digest: _with_torch(one, known[one.digest], threads) for one in some}
        write_latencies(book.folder.path, known)
    return known


def _wanted(book: Book, known: dict[str, LatencyRecord], *, with_torch: bool) -> list[TrialRecord]:
    """Return a finished trial of each network that is to be timed."""
    found: dict[str, TrialRecord] = {}
    for trial in book.ended("done"):
        timed = known.get(trial.digest)
        there = timed is not None and timed.backend == DEPLOYED
        there = there and not (with_torch and timed is not None and timed.torch_ms is None)
        if not there and trial.test is not None and trial.resolution is not None:
            found.setdefault(trial.digest, trial)
    return list(found.values())


def _timed(trials: list[TrialRecord], threads: int, watch: TimingWatch) -> dict[str, LatencyRecord]:
    from nasfer.exporting.timing import exported, time_files

    files = []
    for done, trial in enumerate(trials):
        watch("networks exported to be timed", done, len(trials))
        files.append(exported(_network(trial), trial.resolution or 0, (1,)))
    times = time_files(
        files, threads=threads, watch=partial(watch, f"timing {len(trials)} networks, percent")
    )
    return {
        trial.digest: LatencyRecord(
            one.median_ms, one.p95_ms, threads, "cpu", platform.node(), DEPLOYED
        )
        for trial, (one,) in zip(trials, times)
    }


def _with_torch(trial: TrialRecord, record: LatencyRecord, threads: int) -> LatencyRecord:
    (one,) = time_torch(_network(trial), trial.resolution or 0, batches=(1,), threads=threads)
    return replace(record, torch_ms=one.median_ms)


def _network(trial: TrialRecord) -> Network:
    assert trial.test is not None
    return create_model(load_arch(trial.structure).with_classes(len(trial.test.class_names)))
