"""Go on from a saved state with other recipe values, as population based training does."""

from __future__ import annotations

from typing import Any

from nasfer.training.recipe import Recipe

FIXED = frozenset({
    "epochs", "batch_size", "resolution", "optimizer", "lr_per", "nesterov", "schedule",
    "warmup_epochs", "step_epochs", "step_factor", "loss", "teacher", "crop", "init",
    "stochastic_depth", "ema_decay", "early_stopping", "autocast", "channels_last", "summary",
    "source", "bn_momentum",
})  # fmt: skip
"""Fields that hold for a whole training: its length, its weights, its schedule's form."""

RATES = ("lr", "initial_lr", "max_lr", "min_lr")
"""What schedules keep in the groups of torch's optimisers."""


def retuned(state: dict[str, Any], before: Recipe, after: Recipe) -> dict[str, Any]:
    """Return a training's state as it goes on under another recipe.

    Learning rates are scaled by the ratio of the two recipes', so the schedule keeps its place and
    form; weight decay and momentum are set; all else is read from the recipe at each step.

    Args:
        state: of `nasfer.training.loop.Training.state`; changed in place.
        before: under which it was saved.
        after: differs from it in no field of `FIXED`.
    Example:
        >>> groups = [{"lr": 0.5, "initial_lr": 1.0, "weight_decay": 0.1, "momentum": 0.9}]
        >>> state = {"optimiser": {"optimizer": {"param_groups": groups}, "schedule": {}}}
        >>> after = Recipe(lr=2.0, weight_decay=0.2)
        >>> found = retuned(state, Recipe(lr=1.0, weight_decay=0.1), after)
        >>> found["optimiser"]["optimizer"]["param_groups"][0]["lr"]
        1.0
    """
    ratio = after.start_lr / before.start_lr
    for group in state["optimiser"]["optimizer"]["param_groups"]:
        for name in RATES:
            if name in group:
                group[name] = group[name] * ratio
        if group.get("weight_decay"):
            group["weight_decay"] = after.weight_decay
        if "momentum" in group:
            group["momentum"] = after.momentum
        if "betas" in group:
            group["betas"] = (after.momentum, group["betas"][1])
    _scale(state["optimiser"]["schedule"], ratio)
    return state


def _scale(schedule: dict[str, Any], ratio: float) -> None:
    """Scale the rates that a schedule of torch keeps, and those of its parts."""
    for name in ("base_lrs", "_last_lr"):
        if name in schedule:
            schedule[name] = [rate * ratio for rate in schedule[name]]
    for part in schedule.get("_schedulers", ()):
        _scale(part, ratio)
