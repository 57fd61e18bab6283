"""Optuna proposes while trials run: members of a space, or recipe values of one candidate.

It is told validation accuracies, never those of the test split. A study is built anew for each
proposal from what the book knows, with a sampler seeded by the proposal's number, so that a run
that goes on proposes what it would have proposed. That holds for one trial at a time; with several
the order in which they end matters.
"""

from __future__ import annotations

import statistics
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import optuna
from optuna.distributions import BaseDistribution

from nasfer.arch import Arch
from nasfer.costs import cost
from nasfer.errors import BudgetError, SpecError
from nasfer.quantity import format_quantity
from nasfer.runs.records import TrialRecord, TrialSpec
from nasfer.space import FamilySpace, Space
from nasfer.tuning.asking.asking import Asked
from nasfer.tuning.asking.sources import Candidate
from nasfer.tuning.proposing.drafts import trials_of
from nasfer.tuning.proposing.genotype import suggest_member
from nasfer.tuning.proposing.sampling import RESOLUTION

TRIES = 200
"""Proposals that are known already, or have no member within the budget, before it gives up."""

SEED_STEP = 100_003
STARTUP = 5
"""Random proposals before TPE begins to learn."""

RECIPE = "recipe."
"""Before the names of recipe values among a study's parameters."""

Direction = Literal["maximize", "minimize"]
Past = Sequence[tuple[TrialSpec, list[TrialRecord]]]


def make_proposers(asked: Asked) -> list[OptunaProposer]:
    """Return who proposes while trials run: Optuna, for spaces and for ranges."""
    if asked.settings.sampler not in ("tpe", "nsga2"):
        return []
    proposers: list[OptunaProposer] = [SpaceProposer(space, asked) for space in asked.spaces]
    if asked.ranges and asked.settings.scheduler != "pbt":
        proposers += [RangeProposer(candidate, asked) for candidate in asked.candidates]
    return proposers


class OptunaProposer:
    """What both proposers share: the study, and no proposal twice.

    Args:
        name: kept with each trial, so that a run that goes on finds its own.
        asked: ranges, sampler, seeds.
    """

    directions: tuple[Direction, ...]

    def __init__(self, name: str, asked: Asked) -> None:
        self.name = name
        self.count = asked.settings.trials
        self._settings = asked.settings
        self._ranges: dict[str, BaseDistribution] = {
            f"{RECIPE}{name}": found for name, found in asked.ranges.items()
        }

    def candidate(self, trial: optuna.Trial, number: int) -> Candidate | None:
        """Return the network that a trial's parameters stand for."""
        raise NotImplementedError

    def values(self, candidate: Candidate, accuracy: float) -> list[float]:
        """Return what the study is told of a proposal."""
        raise NotImplementedError

    def none_left(self) -> Exception | None:
        """Return the error where no proposal was ever possible; ``None``: it simply ends."""
        return None

    def propose(self, number: int, past: Past, taken: frozenset[str]) -> list[TrialSpec]:
        """Return the trials of proposal ``number``; none where there is nothing new left.

        Args:
            past: for each earlier proposal its first trial and the records so far.
            taken: keys of trials that are wanted already.
        Raises:
            BudgetError: no member of the space is within the budget.
        """
        with _quiet():
            study = self._study(number, past)
            for _ in range(TRIES):
                trial = study.ask(self._ranges)
                config = {name.removeprefix(RECIPE): trial.params[name] for name in self._ranges}
                candidate = self.candidate(trial, number)
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
        study = optuna.create_study(directions=list(self.directions), sampler=self._sampler(number))
        for spec, records in past:
            assert spec.proposal is not None
            study.enqueue_trial(dict(spec.proposal["params"]))
            trial = study.ask(self._ranges)
            candidate = self.candidate(trial, spec.number)
            if len(records) < self._settings.seeds:
                continue  # it runs: the sampler takes it for a poor one until it is told
            seen = [one.val_accuracy for one in records if one.val_accuracy is not None]
            if seen and candidate is not None:
                study.tell(trial, self.values(candidate, statistics.fmean(seen)))
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


class SpaceProposer(OptunaProposer):
    """Members of a space, for more accuracy and fewer FLOPs at once."""

    directions: tuple[Direction, ...] = ("maximize", "minimize")

    def __init__(self, space: Space, asked: Asked) -> None:
        super().__init__(f"space:{space.name}", asked)
        self._space = space
        self._budget = asked.budget(space)
        self._resolution = asked.settings.resolution or RESOLUTION
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

    def values(self, candidate: Candidate, accuracy: float) -> list[float]:
        """Return accuracy and FLOPs."""
        return [accuracy, cost(candidate.arch, self._resolution).flops]

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


class RangeProposer(OptunaProposer):
    """Recipe values of one candidate, for more accuracy."""

    directions: tuple[Direction, ...] = ("maximize",)

    def __init__(self, candidate: Candidate, asked: Asked) -> None:
        super().__init__(f"ranges:{candidate.arch.digest()}", asked)
        self._candidate = candidate

    def candidate(self, trial: optuna.Trial, number: int) -> Candidate:
        """Return the candidate."""
        return self._candidate

    def values(self, candidate: Candidate, accuracy: float) -> list[float]:
        """Return the accuracy."""
        return [accuracy]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna from telling of each proposal, for the while."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
