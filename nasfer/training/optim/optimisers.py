"""One step of training: gradients, sharpness-aware ones if asked, clipping, update, schedule."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils import clip_grad_norm_, get_total_norm
from torch.optim import SGD, AdamW
from torch.optim.lr_scheduler import LRScheduler

from nasfer.errors import TrialError
from nasfer.training.optim.schedules import make_schedule
from nasfer.training.recipe import Recipe
from nasfer.training.retuning import RATES


class Optimiser:
    """A recipe's optimiser and schedule over a network.

    AdamW does not decay vectors and scalars: biases, norms, learnt scales; SGD decays all, as the
    published codes do.

    Args:
        model: on its device already.
        steps_per_epoch: calls of `step` an epoch.
        epochs: of the whole training.
    Example:
        >>> model = nn.Linear(2, 1)
        >>> recipe = Recipe(optimizer="sgd", lr=0.1, schedule="constant", weight_decay=0.0)
        >>> optimiser = Optimiser(model, recipe, steps_per_epoch=1, epochs=1)
        >>> before = model.bias.item()
        >>> loss = optimiser.step(lambda: model(torch.ones(1, 2)).sum())
        >>> round(before - model.bias.item(), 4)  # the bias has gradient 1
        0.1
    """

    def __init__(
        self, model: nn.Module, recipe: Recipe, *, steps_per_epoch: int, epochs: int
    ) -> None:
        self._model = model
        self._recipe = recipe
        self._parameters = [p for p in model.parameters() if p.requires_grad]
        self._optimizer = _optimizer(self._parameters, recipe)
        self._steps_per_epoch, self._epochs = steps_per_epoch, epochs
        self._schedule = self._new_schedule()

    def _new_schedule(self) -> LRScheduler:
        return make_schedule(
            self._optimizer,
            self._recipe,
            steps_per_epoch=self._steps_per_epoch,
            epochs=self._epochs,
        )

    @property
    def lr(self) -> float:
        """The learning rate of the next step."""
        return float(self._optimizer.param_groups[0]["lr"])

    def step(self, compute: Callable[[], Tensor]) -> Tensor:
        """Update the network once.

        Args:
            compute: runs the network and returns the scalar loss; called twice where ``sam_rho``
                is over 0, and must be the same function of the weights both times.
        Returns:
            The loss before the update, detached.
        Raises:
            TrialError: the loss is not finite; the weights are as they were before.
        """
        self._optimizer.zero_grad(set_to_none=True)
        loss = _finite(compute())
        loss.backward()
        if self._recipe.sam_rho:
            self._sharpen(compute)
        if self._recipe.clip_norm:
            clip_grad_norm_(self._parameters, self._recipe.clip_norm)
        self._optimizer.step()
        self._schedule.step()
        return loss.detach()

    def _sharpen(self, compute: Callable[[], Tensor]) -> None:
        """Replace the gradient by the one at the worst point nearby.

        The point is ``w + rho * g / |g|``; batch norm's running statistics do not see it. Dropout
        draws anew there. Source: Foret et al., ICLR 2021, arXiv:2010.01412, equation 2.
        """
        moved = [p for p in self._parameters if p.grad is not None]
        gradients = [p.grad for p in moved if p.grad is not None]
        factor = self._recipe.sam_rho / (get_total_norm(gradients) + 1e-12)
        start = [p.detach().clone() for p in moved]
        try:
            with torch.no_grad():
                for parameter, gradient in zip(moved, gradients):
                    parameter.add_(gradient * factor)
            self._optimizer.zero_grad(set_to_none=True)
            with frozen_statistics(self._model):
                loss = _finite(compute())
            loss.backward()
        finally:
            with torch.no_grad():
                for parameter, value in zip(moved, start):
                    parameter.copy_(value)

    def state_dict(self) -> dict[str, Any]:
        """Return tensors and plain values; ``torch.load(weights_only=True)`` reads them."""
        return {
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any], *, moved_to: int | None = None) -> None:
        """Go on where another `Optimiser` of the same recipe and network stood.

        Args:
            state: what `state_dict` gave.
            moved_to: epochs that are done, where it was one of another number of epochs: moments
                are taken over, and rates are those of this schedule after so many; ``None``: it
                was of the same number.
        """
        self._optimizer.load_state_dict(state["optimizer"])
        if moved_to is None:
            self._schedule.load_state_dict(state["schedule"])
            return
        for group in self._optimizer.param_groups:
            for name in RATES:
                group.pop(name, None)
            group["lr"] = self._recipe.start_lr
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # no step of the optimiser comes first
            self._schedule = self._new_schedule()
            for _ in range(moved_to * self._steps_per_epoch):
                self._schedule.step()


def _optimizer(parameters: list[nn.Parameter], recipe: Recipe) -> SGD | AdamW:
    lr, decay = recipe.start_lr, recipe.weight_decay
    if recipe.optimizer == "sgd":
        return SGD(parameters, lr, recipe.momentum, weight_decay=decay, nesterov=recipe.nesterov)
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return AdamW([group for group in groups if group["params"]], lr, (recipe.momentum, 0.999))


def _finite(loss: Tensor) -> Tensor:
    if not torch.isfinite(loss):
        raise TrialError(f"loss: {loss.item()} is not finite; a smaller lr or clip_norm may help")
    return loss


@contextmanager
def frozen_statistics(model: nn.Module) -> Iterator[None]:
    """Run batch norms on the batch's statistics without a trace in their running ones."""
    norms = [m for m in model.modules() if isinstance(m, _BatchNorm) and m.track_running_stats]
    for norm in norms:
        norm.track_running_stats = False
    try:
        yield
    finally:
        for norm in norms:
            norm.track_running_stats = True
