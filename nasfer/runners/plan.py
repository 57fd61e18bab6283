"""Which trial is next: those of the book that are open, then new proposals of a sampler."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from nasfer.runners.book import Book
from nasfer.runners.settings import TrialSpec


class Proposer(Protocol):
    """Who proposes trials while others run; all that it knows it is told with each call."""

    count: int
    """Proposals in all."""

    def propose(
        self, number: int, past: Sequence[tuple[TrialSpec, list[dict[str, Any]]]]
    ) -> list[TrialSpec]:
        """Return the trials of proposal ``number``.

        Args:
            past: for each earlier proposal its first trial and the ledger lines so far.
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
        self._out: set[str] = set()
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

    def next(self) -> TrialSpec | None:
        """Return the next trial, ``None`` if there is none."""
        if not self._queue:
            self._ask()
        return self._queue.pop(0) if self._queue else None

    def told(self, spec: TrialSpec, line: dict[str, Any]) -> None:
        """Learn how a trial ended; proposers read it in the book."""

    def _ask(self) -> None:
        for proposer in self._proposers:
            past = self._past(proposer)
            if len(past) < proposer.count:
                specs = proposer.propose(len(past), past)
                self._book.want(specs)
                self._queue += [spec for spec in specs if spec.key not in self._book.lines]
                return

    def _past(self, proposer: Proposer) -> list[tuple[TrialSpec, list[dict[str, Any]]]]:
        found: dict[int, list[TrialSpec]] = {}
        for spec in self._book.specs.values():
            if spec.proposal is not None and spec.proposal["by"] == getattr(proposer, "name", ""):
                found.setdefault(spec.number, []).append(spec)
        lines = self._book.lines
        return [
            (specs[0], [lines[spec.key] for spec in specs if spec.key in lines])
            for specs in found.values()
        ]
