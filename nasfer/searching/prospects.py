"""Which families of a space are worth further proposals, and why the others are not."""

from __future__ import annotations

from typing import Any

from nasfer.arch import Arch
from nasfer.costs import cost
from nasfer.errors import BudgetError, NasferError, ProxyError
from nasfer.quantity import format_quantity
from nasfer.runs.folder import RunFolder
from nasfer.searching.settings import SearchSettings
from nasfer.searching.strategy import Strategy

PATIENCE = 50_000
"""Proposals after which the budget is called infeasible for families without a feasible member."""

HOPELESS = 100
"""Failed proposals of a family, without a single scored one, after which it is given up."""


class Prospects:
    """How the families of a search fare.

    One that cannot be scored, or finds nothing within the budget, is dropped, so that the others
    have its proposals; of a space's last one it is the search's own error.

    Args:
        strategy: it is told what to drop.
        settings: of the search.
    """

    def __init__(self, strategy: Strategy, settings: SearchSettings) -> None:
        self._strategy = strategy
        self._settings = settings
        self._all = strategy.space.families
        self._failed: dict[str, int] = {}
        self._errors: dict[str, str] = {}
        self._dropped: dict[str, str] = {}

    def failed(self, arch: Arch, error: ProxyError, folder: RunFolder | None) -> None:
        """Keep a proposal that cannot be scored as failed, in the ledger of a run.

        Raises:
            ProxyError: ``error`` itself, where nothing can be scored.
        """
        family = self._strategy.space.family(arch)
        self._failed[family] = self._failed.get(family, 0) + 1
        self._errors[family] = str(error)
        if folder and family in self._strategy.told_families():
            folder.append({"digest": arch.digest(), "structure": str(arch), "error": str(error)})
            folder.keep()  # a failed candidate is recorded as failed
        if self._failed[family] < HOPELESS or family in self._strategy.feasible_families():
            return
        if self._strategy.space.families == (family,):
            raise error
        self._drop(family)

    def after(self, done: int) -> bool:
        """Drop the families that found nothing in so many proposals; whether any is left."""
        if done < PATIENCE:
            return True
        feasible = self._strategy.feasible_families()
        for family in self._strategy.space.families if feasible else ():
            if family not in feasible:
                self._drop(family)
        return bool(feasible)

    def _drop(self, family: str) -> None:
        self._dropped[family] = self._reason(family)
        self._strategy.drop(family)

    def missing(self) -> dict[str, str]:
        """Return the families without a feasible and scored member, each with the reason."""
        feasible = self._strategy.feasible_families()
        missing = (family for family in self._all if family not in feasible)
        return {family: self._dropped.get(family) or self._reason(family) for family in missing}

    def _reason(self, family: str) -> str:
        if family in self._errors:
            return f"cannot be scored: {self._errors[family]}"
        best = self._nearest(family)
        if best is None:
            return "never proposed"
        budget, resolution = self._settings.budget, self._settings.resolution
        complaint = budget.why_not(best, cost(best, resolution), resolution)
        return f"none found within {budget}; nearest: {complaint}"

    def _nearest(self, family: str | None = None) -> Arch | None:
        """Return the best told member, of one family or of all."""
        belongs = self._strategy.space.family
        members = (arch for arch, _ in self._strategy.population.best())
        return next((a for a in members if family is None or belongs(a) == family), None)

    def nothing_found(self) -> NasferError:
        """Return the error of a search that found nothing, with the smallest member it met."""
        arch = self._nearest()
        if arch is None:
            return ProxyError(next(iter(self._errors.values()), "no proposal could be scored"))
        budget, resolution = self._settings.budget, self._settings.resolution
        smallest = cost(arch, resolution)
        return BudgetError(
            f"no member of space {self._settings.space!r} found within {budget}; smallest found:"
            f" {format_quantity(smallest.flops)} FLOPs, {format_quantity(smallest.macs)} MACs,"
            f" {format_quantity(smallest.params)} params, {smallest.layers} layers"
            f" ({budget.why_not(arch, smallest, resolution)}): {arch}"
        )

    def state(self) -> dict[str, Any]:
        """Return plain data from which `restore` goes on; the strategy keeps its own."""
        return {"failed": self._failed, "errors": self._errors, "dropped": self._dropped}

    def restore(self, state: dict[str, Any]) -> None:
        """Become what `state` described."""
        self._failed = state["failed"]
        self._errors = state["errors"]
        self._dropped = state["dropped"]
