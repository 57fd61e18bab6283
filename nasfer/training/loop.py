"""The training loop: epochs that depend on the seed and their number alone, so that all resume."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from nasfer.data import FaceData, Faces
from nasfer.errors import CheckpointError, TrialError
from nasfer.inference.metrics import measure
from nasfer.inference.probabilities import probabilities
from nasfer.models import CheckpointInfo, Network
from nasfer.training.augment.affine import PAD
from nasfer.training.augment.augmentation import Augment
from nasfer.training.augment.easing import eased_shift
from nasfer.training.augment.mixing import mix
from nasfer.training.losses import make_loss
from nasfer.training.optim.averaging import WeightAverage
from nasfer.training.optim.optimisers import Optimiser
from nasfer.training.randomness import seed_the_global_ones
from nasfer.training.recipe import Recipe
from nasfer.training.sampling import epoch_order
from nasfer.training.settings import Epoch, TrainProgress, TrainWatch
from nasfer.training.teacher import Teacher

TICK_SECONDS = 0.2
"""Time between two looks of the watch."""


@dataclass
class Training:
    """One network in training: what changes from epoch to epoch.

    Args:
        model: on the device where it is trained.
        data: its splits ``train`` and ``val`` are read.
        recipe: how.
        info: what a checkpoint of it says: class names, size, normalisation.
        seed: of order and augmentation; all of epoch ``i`` follows from ``(seed, i)``, so nothing
            but weights and moments is kept between epochs.
    Attributes:
        history: the epochs that are done.
        best_weights: those of the best epoch, on the CPU; ``None`` before the first, and where a
            state of an older version did not keep them.
    """

    model: Network
    data: FaceData
    recipe: Recipe
    info: CheckpointInfo
    seed: int
    history: list[Epoch] = field(default_factory=list)
    best_weights: dict[str, Tensor] | None = None

    def __post_init__(self) -> None:
        recipe, faces = self.recipe, self.data.splits["train"]
        self.device = next(self.model.parameters()).device
        self.batches = _batch_bounds(len(faces), recipe.batch_size)
        self.optimiser = Optimiser(
            self.model, recipe, steps_per_epoch=len(self.batches), epochs=recipe.epochs
        )
        self.average = WeightAverage(self.model, recipe.ema_decay) if recipe.ema_decay else None
        self._loss = make_loss(
            recipe, output_weights=self.model.output_weights, train_targets=faces.targets
        )
        self._teacher = None
        if recipe.teacher is not None:
            self._teacher = Teacher.load(recipe.teacher, self.data.class_names, device=self.device)
        self._augment = Augment(
            recipe,
            resolution=self.info.resolution,
            channels=self.model.arch.in_channels,
            mean=self.info.mean,
            std=self.info.std,
        )

        labels = self.data.splits["val"].labels
        self._majority = int(torch.bincount(labels).max()) / len(labels)

    @property
    def best(self) -> Epoch | None:
        """The epoch of the best validation accuracy, the first of equals."""
        return max(self.history, key=lambda epoch: epoch.val_accuracy, default=None)

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or the last ones brought nothing (early stopping)."""
        done, patience = len(self.history), self.recipe.early_stopping
        if self.best is not None and patience and done - self.best.epoch >= patience:
            return True
        return done >= self.recipe.epochs

    @property
    def evaluated(self) -> Network:
        """The network whose accuracy counts: the averaged one, if the recipe averages."""
        averaged = self.model if self.average is None else self.average.module
        assert isinstance(averaged, Network)
        return averaged

    def run_epoch(self, watch: TrainWatch) -> Epoch:
        """Train one epoch and validate.

        Raises:
            TrialError: the loss is not finite; the message holds epoch and batch.
            DataError: an image is damaged; the message holds its path.
        """
        number = len(self.history) + 1
        faces, generator = self.data.splits["train"], self._seeded(number)
        order = epoch_order(
            faces.labels, balanced=self.recipe.balanced_sampling, seed=self.seed, epoch=number
        )
        shift = self._shift()
        self.model.train()
        started, shown, seen, right, total = time.monotonic(), 0.0, 0, 0, 0.0
        for index, (begin, end) in enumerate(self.batches, 1):
            batch = _Batch(faces, order[begin:end], self.device)
            where = f"epoch {number}, batch {index}"
            loss, hits = self._step(batch, generator, shift, where)
            seen, total, right = seen + len(batch), total + loss * len(batch), right + hits
            now = time.monotonic()
            if now - shown > TICK_SECONDS or index == len(self.batches):
                shown = now
                rate, best = seen / (now - started), self.best
                watch(TrainProgress(
                    number, self.recipe.epochs, index, len(self.batches), total / seen,
                    right / seen, rate, None if best is None else best.val_accuracy,
                ))  # fmt: skip
        rate = seen / (time.monotonic() - started)
        measured = self.validate(self.data.splits["val"])
        epoch = Epoch(
            number, self.optimiser.lr, total / seen, right / seen,
            measured.accuracy, measured.nll, rate, time.monotonic() - started, shift,
        )  # fmt: skip
        self.history.append(epoch)
        if self.best is epoch:
            weights = self.evaluated.state_dict()
            self.best_weights = {key: value.cpu().clone() for key, value in weights.items()}
        return epoch

    def validate(self, faces: Faces) -> Any:
        """Measure the network whose accuracy counts on a split."""
        return measure(
            probabilities(self.evaluated, faces, self.info), faces.targets, faces.class_names
        )

    def _seeded(self, number: int) -> torch.Generator:
        """Seed dropout's and augmentation's generators for one epoch."""
        seed = (self.seed * 100_003 + number) % 2**63
        seed_the_global_ones(seed, self.device)
        return torch.Generator().manual_seed(seed)

    def _shift(self) -> float:
        """Return how far the next epoch's crops shift faces at most, as a share of the side."""
        if self.recipe.crop != "eased":
            return 1 / PAD if self.recipe.crop == "pad" else 0.0
        last = self.history[-1] if self.history else None
        count = len(self.data.splits["val"])
        return eased_shift(last, majority=self._majority, count=count, most=1 / PAD)

    def _step(
        self, batch: _Batch, generator: torch.Generator, shift: float, where: str
    ) -> tuple[float, int]:
        """One step; return the loss and how many images were right."""
        points = batch.landmarks if self.model.reads_landmarks else None
        images, landmarks = self._augment(batch.images, points, generator, shift)
        targets = batch.targets
        if self._teacher is not None:
            targets = self._teacher(batch.images, batch.landmarks)
        images, targets = mix(images, targets, self.recipe, generator)
        if self.recipe.channels_last:
            images = images.contiguous(memory_format=torch.channels_last)
        outputs: list[tuple[Tensor, ...]] = []

        def compute() -> Tensor:
            with _autocast(self.recipe, self.device):
                logits = self.model.outputs(images, landmarks)
                outputs.append(logits)
                return self._loss(logits, targets)

        try:
            loss = self.optimiser.step(compute)
        except TrialError as error:
            raise TrialError(f"{where}: {error}") from None
        if self.average is not None:
            self.average.update_parameters(self.model)
        hits = (outputs[0][0].detach().argmax(1) == targets.argmax(1)).sum()
        return float(loss), int(hits)

    def state(self) -> dict[str, Any]:
        """Return tensors and plain data from which `restore` goes on."""
        return {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "average": None if self.average is None else self.average.state_dict(),
            "best": self.best_weights,
            "history": [epoch.row() for epoch in self.history],
            "epochs": self.recipe.epochs,
        }

    def restore(self, state: dict[str, Any], *, epochs: int | None = None) -> None:
        """Go on from where `state` was taken.

        One of a training of fewer epochs goes on with weights and moments as they are, and with
        the learning rate that this one has there: where schedules depend on the number of epochs
        it is a warm restart, else nothing is different.

        Args:
            epochs: of a state that does not say how many it was to have; ``None``: the same.
        Raises:
            CheckpointError: it is of another training, or its weights are not finite; nothing of
                this training holds then.
        """
        try:
            self.model.load_state_dict(state["model"])
            self.history = [Epoch(**row) for row in state["history"]]
            same = state.get("epochs", epochs) in (None, self.recipe.epochs)
            self.optimiser.load_state_dict(
                state["optimiser"], moved_to=None if same else len(self.history)
            )
            if self.average is not None:
                self.average.load_state_dict(state["average"])
            self.best_weights = state.get("best")
        except (AttributeError, IndexError, KeyError, RuntimeError, TypeError, ValueError):
            raise CheckpointError("a state of another training, or not a whole one") from None
        for network in (self.model, self.evaluated):
            if any(not bool(value.isfinite().all()) for value in network.state_dict().values()):
                raise CheckpointError("weights that are not finite")


class _Batch:
    """Images, targets and landmarks of some indices, on a device."""

    def __init__(self, faces: Faces, indices: Tensor, device: torch.device) -> None:
        self.images = faces.images.read(indices).to(device, non_blocking=True)
        self.targets = faces.targets[indices].to(device, non_blocking=True)
        marks = faces.landmarks
        self.landmarks = None if marks is None else marks[indices].to(device, non_blocking=True)

    def __len__(self) -> int:
        return len(self.images)


def _batch_bounds(count: int, size: int) -> list[tuple[int, int]]:
    """Cut an epoch into batches; a last one of a single image is left out (batch norm)."""
    bounds = [(begin, min(begin + size, count)) for begin in range(0, count, size)]
    return [(begin, end) for begin, end in bounds if end - begin > 1 or len(bounds) == 1]


def _autocast(recipe: Recipe, device: torch.device) -> torch.autocast:
    """Bfloat16 on GPUs, if the recipe lets it."""
    enabled = recipe.autocast == "auto" and device.type == "cuda"
    return torch.autocast(device.type, torch.bfloat16, enabled=enabled)
