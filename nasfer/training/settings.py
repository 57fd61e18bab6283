"""What decides the result of a training, and where it stands while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from nasfer.arch import Arch
from nasfer.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Everything that decides a training's result; kept in ``run.yaml``.

    Args:
        arch: the network, with the data's number of classes.
        source: what the user called it: a preset's name, a structure, a file.
        data: what names the data, see `nasfer.data.load_data`.
        recipe: how it is trained.
        resolution: side of the images that the network reads, in pixels.
        seed: of weights, order and augmentation.
        threads: of torch; other numbers give other last bits.
        on_bad_image: ``stop`` or ``skip``.
        weights: checkpoint to start from; ``None``: fresh weights.
    """

    arch: Arch
    source: str
    data: str
    recipe: Recipe
    resolution: int
    seed: int = 0
    threads: int = 1
    on_bad_image: str = "stop"
    weights: str | None = None

    def plain(self) -> dict[str, Any]:
        """Return plain data for ``run.yaml``."""
        data = {name: value for name, value in asdict_shallow(self).items() if name != "recipe"}
        data["arch"] = str(self.arch)
        recipe = self.recipe.model_dump(mode="json")
        return {**data, **{f"recipe_{name}": value for name, value in recipe.items()}}


def asdict_shallow(settings: TrainSettings) -> dict[str, Any]:
    """Return the fields by name, the values as they are."""
    return {name: getattr(settings, name) for name in settings.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch's figures.

    Args:
        epoch: counted from 1.
        lr: learning rate at its end.
        train_loss: mean over its batches.
        train_accuracy: share of training images whose most likely class was right, as augmented.
        val_accuracy: on the validation split.
        val_loss: mean negative log-likelihood of the validation split.
        images_per_second: trained, augmentation and reading included.
        seconds: of training and validation.
        shift: largest shift of the faces by a crop ``pad`` or ``eased``, as a share of the side.
    """

    epoch: int
    lr: float
    train_loss: float
    train_accuracy: float
    val_accuracy: float
    val_loss: float
    images_per_second: float
    seconds: float
    shift: float = 0.0

    def row(self) -> dict[str, Any]:
        """Return the figures by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class TrainProgress:
    """Where a training stands, for a bar or a line.

    Args:
        epoch: the running one, counted from 1.
        epochs: at most.
        batch: batches of it that are done.
        batches: of an epoch.
        loss: mean of the running epoch so far.
        accuracy: of the running epoch so far.
        images_per_second: in the running epoch.
        best: best validation accuracy so far; ``None`` before the first.
    """

    epoch: int
    epochs: int
    batch: int
    batches: int
    loss: float
    accuracy: float
    images_per_second: float
    best: float | None


TrainWatch = Callable[[TrainProgress], None]
