"""A tuning from its first line to its last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from nasfer.costs import cost
from nasfer.errors import RunFolderError, SpecError
from nasfer.presets import load_arch
from nasfer.runs.folder import SETTINGS_FILE, RunFolder
from nasfer.tuning.book import Book
from nasfer.tuning.plan import Plan
from nasfer.tuning.settings import Resources, TrialSpec, TuneSettings
from nasfer.tuning.timing import time_networks
from nasfer.tuning.trial import job_of
from nasfer.tuning.wanted import make_proposers, wanted_trials
from nasfer.tuning.watching import TuneWatch

LOCK_FILE = ".lock"


def run_tuning(
    settings: TuneSettings,
    resources: Resources,
    out: Path,
    record: dict[str, Any],
    watch: TuneWatch | None = None,
    *,
    retry_failed: bool = False,
) -> Book:
    """Train every wanted trial that the folder does not know yet.

    Args:
        out: run folder, absolute, on storage that all nodes share.
        record: further facts for ``run.yaml``.
        retry_failed: train those again that failed for good; they go on from their last epoch.
    Returns:
        The book, in which every wanted trial has a line.
    Raises:
        NasferError: sources, data, recipe or resources are wrong; the folder is damaged.
        KeyboardInterrupt: a signal came; all is saved, and the same call goes on.
    """
    if settings.scheduler == "pbt" and resources.at_once is not None:
        raise SpecError("--max-concurrent: trials of pbt take turns on what fits; leave it out")
    first = [] if (out / SETTINGS_FILE).exists() else _checked(settings)
    folder = RunFolder(out, settings.plain(), record)
    lock = FileLock(out / LOCK_FILE)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise RunFolderError(f"{out}: another process tunes in this folder") from None
    try:
        book = Book(folder, retry_failed=retry_failed)
        if not folder.finished or book.open():
            book.recover()
            book.want(first or (wanted_trials(settings) if not book.specs else []))
            plan = Plan(
                book,
                epochs=int(settings.options["epochs"]),
                seeds=settings.seeds,
                proposers=make_proposers(settings),
            )
            if not plan.exhausted:
                _train(plan, book, settings, resources, watch or (lambda progress: None))
        time_networks(book, settings.threads, _device(resources))
        folder.finish()
        return book
    finally:
        lock.release()


def _checked(settings: TuneSettings) -> list[TrialSpec]:
    """Return the trials that are wanted at once, when it is sure that trials could begin.

    Data, recipe and sizes are right, and a sampler finds candidates within the budget.
    """
    specs = wanted_trials(settings)
    proposed = [
        spec
        for proposer in make_proposers(settings)
        for spec in proposer.propose(0, [], frozenset())
    ]
    for first in (specs + proposed)[:1]:
        size = job_of(first, settings).settings.resolution
        for spec in specs:
            try:
                cost(load_arch(spec.structure), size)
            except SpecError as error:
                raise SpecError(f"{spec.source}: {error}") from None
    return specs


def _device(resources: Resources) -> str:
    """Where networks are timed: on a GPU if they were trained on one and this machine has one."""
    import torch

    return "cuda" if resources.gpus and torch.cuda.is_available() else "cpu"


def _train(
    plan: Plan, book: Book, settings: TuneSettings, resources: Resources, watch: TuneWatch
) -> None:
    from nasfer.tuning.on_ray.cluster import ray_for

    with ray_for(resources, settings.threads) as interruption:
        from nasfer.tuning.on_ray.engine import run_on_ray

        run_on_ray(plan, book, settings, resources, interruption, watch)
        if interruption.signal is not None:
            raise KeyboardInterrupt
    for spec in book.open():  # Tune ended them without a word
        if not book.enter_result(spec):
            book.enter_end(spec, "failed", "ended without a result")
