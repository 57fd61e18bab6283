"""Which trial is next: those of the book that are open, then new proposals of a sampler."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from nasfer.runs.records import TrialRecord, TrialSpec
from nasfer.tuning.book import Book


class Proposer(Protocol):
    """Who proposes trials while others run; all that it knows it is told with each call."""

    name: str
    """Kept with its trials."""

    count: int
    """Proposals in all."""

    def propose(
        self,
        number: int,
        past: Sequence[tuple[TrialSpec, list[TrialRecord]]],
        taken: frozenset[str],
    ) -> list[TrialSpec]:
        """Return the trials of proposal ``number``; none, and a smaller count, where all are known.

        Args:
            past: for each earlier proposal its first trial and the records so far.
            taken: keys of trials that are wanted already.
        """


class Plan:
    """Hand out trials; the same book, the same order.

    Args:
        book: what is open there comes first.
        epochs: of a trial, at most.
        seeds: trials a proposal.
        proposers: asked in turn, once nothing is open.
    """

    def __init__(
        self, book: Book, *, epochs: int, seeds: int, proposers: Sequence[Proposer] = ()
    ) -> None:
        self._book = book
        self._proposers = list(proposers)
        self._queue = book.open()
        self.epochs = epochs
        self.seeds = seeds

    @property
    def total(self) -> int:
        """Trials in all, those that are not proposed yet included."""
        missing = sum(p.count - len(self._past(p)) for p in self._proposers) * self.seeds
        return len(self._book.specs) + missing

    @property
    def exhausted(self) -> bool:
        """Whether `next` will never have another trial."""
        return not self._queue and not any(
            len(self._past(proposer)) < proposer.count for proposer in self._proposers
        )

    def look_ahead(self) -> None:
        """Ask for a first proposal, so that errors show before anything starts."""
        if not self._queue:
            self._ask()

    def next(self) -> TrialSpec | None:
        """Return the next trial, ``None`` if there is none."""
        self.look_ahead()
        return self._queue.pop(0) if self._queue else None

    def _ask(self) -> None:
        for proposer in self._proposers:
            past = self._past(proposer)
            if len(past) < proposer.count:
                specs = proposer.propose(len(past), past, frozenset(self._book.specs))
                self._book.want(specs)
                self._queue += specs
                if specs:
                    return

    def _past(self, proposer: Proposer) -> list[tuple[TrialSpec, list[TrialRecord]]]:
        found: dict[int, list[TrialSpec]] = {}
        for spec in self._book.specs.values():
            if spec.proposal is not None and spec.proposal["by"] == proposer.name:
                found.setdefault(spec.number, []).append(spec)
        records = self._book.records
        return [
            (specs[0], [records[spec.key] for spec in specs if spec.key in records])
            for specs in found.values()
        ]
