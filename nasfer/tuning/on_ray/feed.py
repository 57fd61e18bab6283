"""What Ray Tune calls: the plan as a search algorithm, the book as a callback, the halt."""

from __future__ import annotations

import json
import time
import warnings
from pathlib import Path
from typing import Any

from ray.tune import Callback, Stopper
from ray.tune.experiment import Trial
from ray.tune.search import Searcher

from nasfer.errors import NasferError, NasferWarning
from nasfer.runs.files import trial_folder
from nasfer.runs.records import TrialSpec
from nasfer.tuning.asking.settings import TuneSettings
from nasfer.tuning.book import Book
from nasfer.tuning.on_ray.cluster import Interruption
from nasfer.tuning.on_ray.worker import ENDED, FAILED, FAULT
from nasfer.tuning.proposing.plan import Plan
from nasfer.tuning.taking_over import current_values
from nasfer.tuning.watching import TuneWatch, progress_of

ERROR_LENGTH = 500


class _NotCopied:
    """Tune copies and pickles what it is given; these are the driver's own."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self

    def __reduce__(self) -> Any:
        return (object, ())


class Feed(_NotCopied, Searcher):
    """Hand the plan's trials to Tune, one by one."""

    def __init__(
        self, plan: Plan, settings: TuneSettings, interruption: Interruption, out: Path
    ) -> None:
        super().__init__(metric="val_accuracy", mode="max")
        self._interruption = interruption
        self._plan = plan
        self._settings = settings
        self._out = out

    def suggest(self, trial_id: str) -> Any:
        """Return the next trial, ``None`` while there is none, or that there are no more."""
        try:
            spec = self._plan.next()
        except NasferError as error:
            self._interruption.fault = str(error)
            return Searcher.FINISHED
        if spec is not None:
            return start_config(spec, self._settings, self._out)
        return Searcher.FINISHED if self._plan.exhausted else None

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Nothing: `Events` learns it all."""

    def save(self, checkpoint_path: str) -> None:
        """Save nothing: the book is what survives."""
        Path(checkpoint_path).write_text(json.dumps({}))

    def restore(self, checkpoint_path: str) -> None:
        """Nothing was saved."""


def start_config(spec: TrialSpec, settings: TuneSettings, out: Path) -> dict[str, Any]:
    """Return what a worker is given: the trial, the settings, and its recipe values of now."""
    values = current_values(trial_folder(out, spec.key), spec.config)
    return {
        "spec": spec.to_dict(),
        "settings": settings.to_dict(),
        "values": {name: values[name] for name in settings.search},
    }


class Halt(_NotCopied, Stopper):
    """End everything once a signal came or the disk is full, and a trial that ended or failed.

    Tune asks this before its scheduler: population based training would send a trial that ended
    back to its start, and no scheduler should compare a failure with anything.
    """

    def __init__(self, interruption: Interruption) -> None:
        self._interruption = interruption

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        """Whether to end this trial."""
        return self._interruption.wanted or not {ENDED, FAILED, FAULT}.isdisjoint(result)

    def stop_all(self) -> bool:
        """Whether to end."""
        return self._interruption.wanted


class Events(_NotCopied, Callback):
    """Enter every trial that ends in the book, and tell the watch."""

    def __init__(
        self, plan: Plan, book: Book, interruption: Interruption, watch: TuneWatch
    ) -> None:
        self._plan = plan
        self._book = book
        self._interruption = interruption
        self._watch = watch
        self._running: dict[str, int] = {}
        self._failed: dict[str, str] = {}
        self._done_epochs = 0
        self._since = time.monotonic()

    def on_step_end(self, iteration: int, trials: list[Trial], **info: Any) -> None:
        """Tell the watch where the run stands."""
        running = sum(trial.status == Trial.RUNNING for trial in trials)
        rate = self._done_epochs / max(time.monotonic() - self._since, 1e-9)
        self._watch(progress_of(self._plan, self._book, self._running, running, rate))

    def on_trial_result(
        self, iteration: int, trials: list[Trial], trial: Trial, result: dict[str, Any], **info: Any
    ) -> None:
        """Note an epoch; a fault of the disk ends the run."""
        spec = self._spec(trial)
        if FAULT in result:
            self._interruption.fault = result[FAULT]
        elif FAILED in result:
            self._failed[spec.key] = result[FAILED]
        else:
            self._running[spec.key] = result["epoch"]
            self._done_epochs += 1

    def on_trial_complete(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: Any
    ) -> None:
        """Enter a trial that ended: done, failed on purpose, or stopped by the scheduler."""
        spec = self._spec(trial)
        self._running.pop(spec.key, None)
        with self._faults():
            if spec.key in self._failed:
                self._book.enter_end(spec, "failed", self._failed[spec.key])
            elif not self._book.enter_result(spec) and not self._interruption.wanted:
                self._book.enter_end(spec, "stopped", None)

    def on_trial_recover(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: Any
    ) -> None:
        """Say that a trial begins again where it was."""
        spec = self._spec(trial)
        done = len({epoch.epoch for epoch in self._book.epochs(spec.key)})
        warnings.warn(
            f"trial {spec.key}: {_reason(trial)}; it goes on from epoch {done}",
            NasferWarning,
            stacklevel=1,  # the caller is Ray, whose own warnings are not shown
        )

    def on_trial_error(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: Any
    ) -> None:
        """Enter a trial that failed for good: its retries are used up."""
        spec = self._spec(trial)
        self._running.pop(spec.key, None)
        if self._interruption.wanted:
            return
        with self._faults():
            if not self._book.enter_result(spec):  # its process died between result and report
                self._book.enter_end(spec, "failed", _reason(trial))

    def _spec(self, trial: Trial) -> TrialSpec:
        """By name: population based training gives a trial another's configuration."""
        return self._book.specs[str(trial)]

    def _faults(self) -> _Faults:
        return _Faults(self._interruption)


class _Faults:
    """An error of nasfer inside a callback ends the run, instead of passing through Tune."""

    def __init__(self, interruption: Interruption) -> None:
        self._interruption = interruption

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if isinstance(error, NasferError):
            self._interruption.fault = str(error)
            return True
        return False


def _reason(trial: Trial) -> str:
    """Return the last line of what Tune knows of a failure."""
    text = ""
    if trial.error_file and Path(trial.error_file).exists():
        text = Path(trial.error_file).read_text(errors="replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return (lines[-1] if lines else "its process ended without a word")[:ERROR_LENGTH]
