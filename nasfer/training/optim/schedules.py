"""Learning rates by step: torch's schedulers, put together as a recipe says."""

from __future__ import annotations

from torch.optim import Optimizer
from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    LinearLR,
    LRScheduler,
    OneCycleLR,
    SequentialLR,
    StepLR,
)

from nasfer.training.recipe import Recipe

SHAPED_BY_LENGTH = ("cosine", "one_cycle")
"""Schedules whose rates depend on the number of epochs from the first step on."""


def when_extended(recipe: Recipe) -> str:
    """Return what more epochs do to a training that went on by a schedule for fewer.

    Example:
        >>> when_extended(Recipe(schedule="constant"))
        'schedule constant goes on as in an undisturbed training'
    """
    if recipe.schedule in SHAPED_BY_LENGTH:
        return f"schedule {recipe.schedule} is that of {recipe.epochs} epochs now: a warm restart"
    return f"schedule {recipe.schedule} goes on as in an undisturbed training"


def make_schedule(
    optimizer: Optimizer, recipe: Recipe, *, steps_per_epoch: int, epochs: int
) -> LRScheduler:
    """Return the recipe's schedule, to be moved on after each step.

    The warm-up is linear: step ``t`` of its ``w`` steps, from 0, has ``(t + 1) / w`` of the rate.
    The cosine reaches 0 after the last step. OneCycle has torch's own values, but for momentum,
    which stays: 30 % of the steps upwards from 1/25 of the largest rate.

    Args:
        steps_per_epoch: optimiser steps.
        epochs: of the whole training; the recipe's own, or fewer.
    """
    total = steps_per_epoch * epochs
    if recipe.schedule == "one_cycle":
        return OneCycleLR(
            optimizer, recipe.start_lr, total_steps=max(total, 2), cycle_momentum=False
        )
    warm = steps_per_epoch * min(recipe.warmup_epochs, epochs - 1)
    main: LRScheduler
    first: LRScheduler | None = None
    if warm:  # before the main one: each scales the optimiser's rate when it is made
        first = LinearLR(optimizer, start_factor=1 / warm, total_iters=max(warm - 1, 1))
    match recipe.schedule:
        case "cosine":
            main = CosineAnnealingLR(optimizer, total - warm)
        case "step":
            every = steps_per_epoch * (recipe.step_epochs or epochs)
            main = StepLR(optimizer, every, recipe.step_factor)
        case _:
            main = ConstantLR(optimizer, factor=1.0)
    return main if first is None else SequentialLR(optimizer, [first, main], [warm])
