"""A tuning from its first line to its tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from nasfer.costs import cost
from nasfer.errors import RunFolderError, SpecError
from nasfer.runfolder import RunFolder
from nasfer.runners.book import Book
from nasfer.runners.plan import Plan
from nasfer.runners.results import write_results
from nasfer.runners.settings import Resources, TuneSettings
from nasfer.runners.trial import job_of
from nasfer.runners.wanted import make_proposers, wanted_trials
from nasfer.runners.watching import TuneWatch

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
    """Train every wanted trial that the folder does not know yet; then write the tables.

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
    folder = RunFolder(out, settings.plain(), record)
    lock = FileLock(out / LOCK_FILE)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise RunFolderError(f"{out}: another process tunes in this folder") from None
    try:
        book = Book(folder, retry_failed=retry_failed)
        if folder.finished and not book.open():
            return book
        book.recover()
        proposers = make_proposers(settings)
        if not book.specs:
            book.want(_checked(settings))
        plan = Plan(
            book,
            epochs=int(settings.options["epochs"]),
            seeds=settings.seeds,
            proposers=proposers,
        )
        plan.look_ahead()
        if not plan.exhausted:
            _train(plan, book, settings, resources, watch or (lambda progress: None))
        write_results(book)
        folder.finish()
        return book
    finally:
        lock.release()


def _checked(settings: TuneSettings) -> list[Any]:
    """Return the wanted trials, once one of them could begin: data, recipe and sizes are right."""
    specs = wanted_trials(settings)
    for first in specs[:1]:
        size = job_of(first, settings).settings.resolution
        for spec in specs:
            try:
                cost(_arch(spec.structure), size)
            except SpecError as error:
                raise SpecError(f"{spec.source}: {error}") from None
    return specs


def _arch(structure: str) -> Any:
    from nasfer.presets import load_arch

    return load_arch(structure)


def _train(
    plan: Plan, book: Book, settings: TuneSettings, resources: Resources, watch: TuneWatch
) -> None:
    from nasfer.runners.cluster import ray_for

    with ray_for(resources, settings.threads) as interruption:
        from nasfer.runners.engine import run_on_ray

        run_on_ray(plan, book, settings, resources, interruption, watch)
        if interruption.signal is not None:
            write_results(book)
            raise KeyboardInterrupt
    for spec in book.open():  # Tune ended them without a word
        book.enter_end(spec, "failed", "ended without a result")
