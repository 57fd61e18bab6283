"""Optuna proposes while trials run: members of a space, or recipe values of one candidate.

It is told validation accuracies, never those of the test split. A study is built anew for each
proposal from what the book knows, with a sampler seeded by the proposal's number, so that a run
that goes on proposes what it would have proposed. That holds for one trial at a time; with several
the order in which they end matters.
"""

from __future__ import annotations

import statistics
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import optuna

from nasfer.arch import Arch
from nasfer.costs import cost
from nasfer.errors import BudgetError, SpecError
from nasfer.quantity import format_quantity
from nasfer.space import FamilySpace, Space
from nasfer.tuning.genotype import suggest_member
from nasfer.tuning.ranges import Range
from nasfer.tuning.sampling import RESOLUTION, budget_of
from nasfer.tuning.settings import TrialSpec, TuneSettings
from nasfer.tuning.sources import Candidate

TRIES = 200
"""Proposals that are known already, or have no member within the budget, before it gives up."""

SEED_STEP = 100_003
STARTUP = 5
"""Random proposals before TPE begins to learn."""

Direction = Literal["maximize", "minimize"]
Past = Sequence[tuple[TrialSpec, list[dict[str, Any]]]]


class _Proposer:
    """What both proposers share: the study, and no proposal twice.

    Args:
        name: kept with each trial, so that a run that goes on finds its own.
        ranges: recipe values that are drawn for each proposal.
    """

    directions: tuple[Direction, ...]

    def __init__(self, name: str, ranges: Mapping[str, Range], settings: TuneSettings) -> None:
        self.name = name
        self.count = settings.trials
        self._ranges = ranges
        self._settings = settings

    def candidate(self, trial: optuna.Trial, number: int) -> Candidate | None:
        """Return the network that a trial's parameters stand for."""
        raise NotImplementedError

    def values(self, spec: TrialSpec, accuracy: float) -> list[float]:
        """Return what the study is told of a proposal."""
        raise NotImplementedError

    def none_left(self) -> Exception | None:
        """Return the error where no proposal was ever possible; ``None``: it simply ends."""
        return None

    def propose(self, number: int, past: Past, taken: frozenset[str]) -> list[TrialSpec]:
        """Return the trials of proposal ``number``; none where there is nothing new left.

        Args:
            past: for each earlier proposal its first trial and the ledger lines so far.
            taken: keys of trials that are wanted already.
        Raises:
            BudgetError: no member of the space is within the budget.
        """
        from nasfer.tuning.wanted import trials_of

        study = self._study(number, past)
        for _ in range(TRIES):
            trial = study.ask()
            candidate = self.candidate(trial, number)
            config = {name: _suggest(trial, name, found) for name, found in self._ranges.items()}
            if candidate is not None:
                proposal = {"by": self.name, "params": trial.params}
                specs = trials_of(candidate, config, self._settings, number, proposal)
                if not taken & {spec.key for spec in specs}:
                    return specs
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
        error = self.none_left()
        if number == 0 and error is not None:
            raise error
        self.count = number
        return []

    def _study(self, number: int, past: Past) -> optuna.Study:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study(directions=list(self.directions), sampler=self._sampler(number))
        for spec, lines in past:
            assert spec.proposal is not None
            study.enqueue_trial(dict(spec.proposal["params"]))
            trial = study.ask()
            self.candidate(trial, spec.number)
            for name, found in self._ranges.items():
                _suggest(trial, name, found)
            if len(lines) < self._settings.seeds:
                continue  # it runs: the sampler takes it for a poor one until it is told
            seen = [line["val_accuracy"] for line in lines if line["val_accuracy"] is not None]
            if seen:
                study.tell(trial, self.values(spec, statistics.fmean(seen)))
            else:
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
        return study

    def _sampler(self, number: int) -> optuna.samplers.BaseSampler:
        seed = (self._settings.seed * SEED_STEP + number) % 2**32
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            if self._settings.sampler == "nsga2":
                return optuna.samplers.NSGAIISampler(
                    seed=seed, population_size=max(2, min(20, self.count // 3))
                )
            return optuna.samplers.TPESampler(seed=seed, n_startup_trials=STARTUP)


class SpaceProposer(_Proposer):
    """Members of a space, for more accuracy and fewer FLOPs at once."""

    directions: tuple[Direction, ...] = ("maximize", "minimize")

    def __init__(self, space: Space, ranges: Mapping[str, Range], settings: TuneSettings) -> None:
        super().__init__(f"space:{space.name}", ranges, settings)
        self._space = space
        self._budget = budget_of(space, settings)
        self._resolution = settings.resolution or RESOLUTION
        self._parts = {part.name: part for part in space.parts}

    def candidate(self, trial: optuna.Trial, number: int) -> Candidate | None:
        """Return the member that a trial's parameters stand for."""
        family = self._space.name
        if len(self._parts) > 1:
            family = trial.suggest_categorical("family", list(self._parts))
        part = self._parts[family] if len(self._parts) > 1 else self._space.parts[0]
        assert isinstance(part, FamilySpace)
        arch = suggest_member(trial, part, self._budget, self._resolution)
        if arch is None:
            return None
        return Candidate(f"{self._space.name}#{number + 1}", arch, str(arch))

    def values(self, spec: TrialSpec, accuracy: float) -> list[float]:
        """Return accuracy and FLOPs."""
        from nasfer.presets import load_arch

        return [accuracy, cost(load_arch(spec.structure), self._resolution).flops]

    def none_left(self) -> Exception | None:
        """Return an error that names the smallest start of the space."""
        known: list[tuple[int, Arch]] = []
        for start in self._space.starts:
            try:
                known.append((cost(start, self._resolution).flops, start))
            except SpecError:
                continue
        least = f"; the smallest start has {format_quantity(min(known)[0])} FLOPs" if known else ""
        return BudgetError(
            f"no member of space {self._space.name!r} found within {self._budget} at"
            f" {self._resolution} px{least}"
        )


class RangeProposer(_Proposer):
    """Recipe values of one candidate, for more accuracy."""

    directions: tuple[Direction, ...] = ("maximize",)

    def __init__(
        self, candidate: Candidate, ranges: Mapping[str, Range], settings: TuneSettings
    ) -> None:
        super().__init__(f"ranges:{candidate.arch.digest()}", ranges, settings)
        self._candidate = candidate

    def candidate(self, trial: optuna.Trial, number: int) -> Candidate:
        """Return the candidate."""
        return self._candidate

    def values(self, spec: TrialSpec, accuracy: float) -> list[float]:
        """Return the accuracy."""
        return [accuracy]


def _suggest(trial: optuna.Trial, name: str, found: Range) -> Any:
    low, high = found.values[0], found.values[-1]
    match found.form:
        case "choice":
            return trial.suggest_categorical(f"recipe.{name}", list(found.values))
        case "randint":
            return trial.suggest_int(f"recipe.{name}", low, high)
        case form:
            return trial.suggest_float(f"recipe.{name}", low, high, log=form == "loguniform")
