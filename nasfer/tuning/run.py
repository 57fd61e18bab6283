"""A tuning from its first line to its last."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nasfer.costs import cost
from nasfer.errors import NasferWarning, RunFolderError, SpecError
from nasfer.presets import load_arch
from nasfer.runs.files import LATENCY_FILE, LEDGER_FILE, RUN_FILE, TRIALS_FILE
from nasfer.runs.folder import RunFolder, read_run, run_folder
from nasfer.runs.records import LatencyRecord, TrialRecord, TrialSpec
from nasfer.training.older import todays_names
from nasfer.tuning.asking.asking import Asked
from nasfer.tuning.asking.settings import Resources
from nasfer.tuning.asking.sources import found_for_others
from nasfer.tuning.book import Book
from nasfer.tuning.extending import check_extension, extension_line
from nasfer.tuning.proposing.drafts import first_trials, more_seeds
from nasfer.tuning.proposing.optuna_proposers import make_proposers
from nasfer.tuning.proposing.plan import Plan
from nasfer.tuning.timing import TimingWatch, time_networks
from nasfer.tuning.trial import job_of
from nasfer.tuning.watching import TuneWatch, counted

ADVICE = "bring it back, or choose another `out` to train anew"


@dataclass(frozen=True)
class Tuned:
    """What a tuning came to.

    Args:
        records: of the trials that ended, in the order in which they were wanted.
        latencies: by digest of the network.
    """

    records: tuple[TrialRecord, ...]
    latencies: dict[str, LatencyRecord]


def run_tuning(
    asked: Asked,
    resources: Resources,
    out: Path,
    record: dict[str, Any],
    watch: TuneWatch | None = None,
    *,
    note: Callable[[str], None] | None = None,
    retry_failed: bool = False,
    torch_latency: bool = False,
) -> Tuned:
    """Train every wanted trial that the folder does not know yet, or not so far.

    Args:
        out: run folder, absolute, on storage that all nodes share.
        record: further facts for ``run.yaml``.
        note: called with the line that says how the run is extended.
        retry_failed: train those again that failed for good; they go on from their last epoch.
        torch_latency: time eager torch beside the exported files.
    Returns:
        A record of every wanted trial, and the latencies.
    Raises:
        NasferError: data or resources are wrong; the folder is damaged.
        KeyboardInterrupt: a signal came; all is saved, and the same call goes on.
    """
    settings = asked.settings
    if settings.scheduler == "pbt" and resources.at_once is not None:
        raise SpecError("`max_concurrent`: trials of pbt take turns on what fits; leave it out")
    wanted = [] if os.path.exists(out / RUN_FILE) else _checked(asked)
    with run_folder(out, asked.plain(), record, kind="tune", modern=todays_names) as folder:
        book = _opened(folder, epochs=asked.recipe.epochs, retry_failed=retry_failed)
        if folder.steps:
            check_extension(book, asked)
            wanted = [*_checked(asked), *more_seeds(book.specs.values(), settings)]
            (note or (lambda line: None))(extension_line(book, asked))
        elif not book.specs:
            wanted = wanted or first_trials(asked)
        if not folder.finished or book.open():
            _train(wanted, book, asked, resources, watch or (lambda progress: None))
        latencies = time_networks(
            book, settings.threads, with_torch=torch_latency, watch=_timing_watch(book, watch)
        )
        folder.finish([TRIALS_FILE, LEDGER_FILE, LATENCY_FILE])
        return Tuned(tuple(book.ended()), latencies)


def _timing_watch(book: Book, watch: TuneWatch | None) -> TimingWatch:
    """Return what tells a tuning's watch how far the timing of latencies is."""
    ended = counted(book.ended(), len(book.specs), 0, {})

    def tell(stage: str, done: int, total: int) -> None:
        if watch is not None:
            watch(replace(ended, timed=(stage, done, total)))

    return tell


def _opened(folder: RunFolder, *, retry_failed: bool, epochs: int | None = None) -> Book:
    """Return the book of a folder, if a finished run's files are as it left them.

    Raises:
        RunFolderError: the trials that were wanted, or those that ended, are not all there.
    """
    for line in folder.changed((TRIALS_FILE, LEDGER_FILE)):
        raise RunFolderError(f"{line}; {ADVICE}")
    for line in folder.changed((LATENCY_FILE,)):
        warnings.warn(f"{line}; what is missing is timed anew", NasferWarning, stacklevel=2)
    book = Book(folder, retry_failed=retry_failed, epochs=epochs)
    if book.specs:
        folder.keep()
    return book


def _checked(asked: Asked) -> list[TrialSpec]:
    """Return the trials that are wanted at once, when it is sure that trials could begin.

    Data and sizes are right, and a sampler finds candidates within the budget.
    """
    specs = first_trials(asked)
    proposed = [
        spec for proposer in make_proposers(asked) for spec in proposer.propose(0, [], frozenset())
    ]
    for first in (specs + proposed)[:1]:
        size = job_of(first, asked.settings, asked.recipe).settings.resolution
        note = found_for_others(asked.candidates, size)
        if note is not None:
            warnings.warn(note, NasferWarning, stacklevel=2)
        for spec in specs:
            try:
                cost(load_arch(spec.structure), size)
            except SpecError as error:
                raise SpecError(f"{spec.source}: {error}") from None
    return specs


def _train(
    wanted: list[TrialSpec], book: Book, asked: Asked, resources: Resources, watch: TuneWatch
) -> None:
    """Train what is wanted and not done; nothing is written before it is sure that it can be."""
    proposers = make_proposers(asked)

    def plan() -> Plan:
        return Plan(
            book, epochs=asked.recipe.epochs, seeds=asked.settings.seeds, proposers=proposers
        )

    if not read_run(book.folder.path).finished:
        book.recover()
    if plan().exhausted and all(spec.key in book.specs for spec in wanted):
        _begin(wanted, book)
        return
    from nasfer.tuning.on_ray.cluster import ray_for

    with ray_for(resources, asked.settings.threads) as interruption:
        from nasfer.tuning.on_ray.engine import run_on_ray

        _begin(wanted, book)
        run_on_ray(plan(), book, asked, resources, interruption, watch)
        if interruption.signal is not None:
            raise KeyboardInterrupt
    for spec in book.open():  # Tune ended them without a word
        if not book.enter_result(spec):
            book.enter_end(spec, "failed", "ended without a result")


def _begin(wanted: list[TrialSpec], book: Book) -> None:
    """Write down what is wanted, and how far the run goes; killed between, the same call goes on.

    A run that is extended is open first, as far as it went: a finished one knows its files.
    """
    folder = book.folder
    if read_run(folder.path).finished:
        folder.reopen()
    book.recover()
    book.want(wanted)
    folder.extend()
    folder.keep()
