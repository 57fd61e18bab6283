"""Who stops trials early: Ray Tune's schedulers, counting our epochs."""

from __future__ import annotations

import math
from typing import Any

from optuna.distributions import CategoricalDistribution, IntDistribution

from nasfer.tuning.asking.asking import Asked
from nasfer.tuning.asking.ranges import Range

REDUCTION = 3
"""ASHA and HyperBand keep one of so many at each rung."""

MOST_BRACKETS = 3
"""Of HyperBand: the first begins to stop after the grace, each further one three times as late."""


def make_scheduler(asked: Asked) -> Any:
    """Return Tune's scheduler; ``none`` runs every trial to its end.

    HyperBand is the asynchronous one: ASHA in brackets of different grace. Tune's synchronous one
    pauses trials until others have come as far, and waits for ever where one of those fails.

    Epochs are counted by ``epoch`` of our reports, not by Tune's iterations, which begin anew when
    a trial is retried. The metric is the one of `ray.tune.TuneConfig`.
    """
    from ray.tune import schedulers

    epochs = asked.recipe.epochs
    grace = min(asked.settings.grace, epochs)
    match asked.settings.scheduler:
        case "asha":
            return schedulers.ASHAScheduler(
                time_attr="epoch", max_t=epochs, grace_period=grace, reduction_factor=REDUCTION
            )
        case "median":
            return schedulers.MedianStoppingRule(
                time_attr="epoch",
                grace_period=grace,
                min_time_slice=epochs,  # never pause: that costs a new process
            )
        case "hyperband":
            brackets = 1 + int(math.log(epochs / grace, REDUCTION) + 1e-9)
            return schedulers.AsyncHyperBandScheduler(
                time_attr="epoch", max_t=epochs, grace_period=grace, reduction_factor=REDUCTION,
                brackets=min(brackets, MOST_BRACKETS),
            )  # fmt: skip
        case "pbt":
            return _population(schedulers.PopulationBasedTraining)(
                time_attr="epoch",
                perturbation_interval=grace,
                synch=True,  # else it compares trials of different epochs, if they take turns
                hyperparam_mutations={
                    "values": {name: _domain(found) for name, found in asked.ranges.items()}
                },
                log_config=False,
            )
        case _:
            return schedulers.FIFOScheduler()


def _population(base: type) -> type:
    """Return population based training that goes on where a trial fails that others wait for."""

    class Population(base):
        def choose_trial_to_run(self, tune_controller: Any) -> Any:
            chosen = super().choose_trial_to_run(tune_controller)
            live = {trial.status for trial in tune_controller.get_live_trials()}
            if chosen is None and live == {"PAUSED"}:
                self._next_perturbation_sync += self._perturbation_interval
                chosen = super().choose_trial_to_run(tune_controller)
            return chosen

    return Population


def _domain(found: Range) -> Any:
    """Return what Tune draws anew from, now and then."""
    from ray import tune

    if isinstance(found, CategoricalDistribution):
        return list(found.choices)
    if isinstance(found, IntDistribution):
        return tune.randint(found.low, found.high + 1)
    return (tune.loguniform if found.log else tune.uniform)(found.low, found.high)
