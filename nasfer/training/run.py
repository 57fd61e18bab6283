"""One full training in a run folder: best weights, state, history; resumable at every epoch."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import torch
from torch import Tensor

from nasfer.data import FaceData
from nasfer.errors import CheckpointError, NasferWarning, TrialError
from nasfer.inference.device import chosen_device
from nasfer.inference.metrics import Metrics
from nasfer.models import (
    CheckpointInfo,
    Network,
    create_model,
    load_checkpoint,
    read_weights,
    save_checkpoint,
    save_weights,
)
from nasfer.overview import Overview, Overviewed
from nasfer.runs.files import HISTORY_FILE, RUN_FILE
from nasfer.runs.folder import RunFolder, read_run, write_atomic
from nasfer.training.loop import Training
from nasfer.training.randomness import process_state_kept, seed_the_global_ones
from nasfer.training.settings import Epoch, TrainSettings, TrainWatch
from nasfer.training.start import adjust, initialise
from nasfer.training.state import STATE_FILE, load_state, save_state

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

BEST_FILE = "best.safetensors"


@dataclass(frozen=True, slots=True, repr=False)
class TrainResult(Overviewed):
    """What a training ended with.

    Args:
        model: with the weights of the best epoch.
        info: what its checkpoint says.
        best: the epoch of the best validation accuracy.
        history: all epochs.
        test: measured once, at the end, on the best epoch's weights.
        folder: where all of it is kept.
    """

    model: Network
    info: CheckpointInfo
    best: Epoch
    history: tuple[Epoch, ...]
    test: Metrics
    folder: Path

    def overview(self) -> Overview:
        """Return how it went, in short."""
        epochs = [
            {"epoch": one.epoch, "loss": one.train_loss, "validation": f"{one.val_accuracy:.2%}"}
            for one in self.history
        ]
        return Overview(
            f"TrainResult: {self.model.arch.digest()}, {len(self.history)} epochs",
            {
                "best epoch": f"{self.best.epoch}, validation {self.best.val_accuracy:.2%}",
                "test": self.test.sentence,
                "warning": self.warning,
                "folder": self.folder,
            },
            epochs[-5:],
        )

    @property
    def warning(self) -> str | None:
        """A plain line where the test split shows nothing learnt, ``None`` where it shows more."""
        return self.test.warning


def run_training(
    settings: TrainSettings,
    data: FaceData,
    info: CheckpointInfo,
    folder: RunFolder,
    watch: TrainWatch | None = None,
    *,
    device: str | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> TrainResult:
    """Train one network to its end, from the folder's state if there is one.

    Args:
        settings: what decides the result.
        data: read once, see `nasfer.data.load_data`.
        info: what the checkpoint will say; its size and normalisation are used.
        folder: where ``best.safetensors``, ``state.pt``, ``history.csv`` and ``tensorboard/`` are
            kept.
        watch: called now and then with the progress.
        device: ``cuda``, ``cpu``, ...; ``None``: a GPU if there is one.
        on_epoch: called with each epoch, once all of it is on disk.
    Raises:
        TrialError: the loss is not finite; the best weights so far stay in the folder.
        CheckpointError: no saved state can be read.
        DataError: an image is damaged.
        RunFolderError: a file cannot be written.
    """
    where = torch.device(chosen_device(device))
    with process_state_kept(threads=settings.threads, device=where):
        training = Training(_start(settings, where), data, settings.recipe, info, settings.seed)
        return _run(training, data, info, folder, watch, on_epoch)


def _run(
    training: Training,
    data: FaceData,
    info: CheckpointInfo,
    folder: RunFolder,
    watch: TrainWatch | None,
    on_epoch: Callable[[Epoch], None] | None,
) -> TrainResult:
    """Train the epochs that are not in the folder yet, and measure the best one."""
    best_path = folder.path / BEST_FILE
    found = load_state(folder.path, _taking_over(training, folder))
    if found is None and folder.steps and read_run(folder.path).finished:
        raise CheckpointError(
            f"{folder.path / STATE_FILE}: missing, and more epochs go on from it; bring it back, or"
            " choose another `out`"
        )
    folder.extend(after=len(training.history))
    if found is not None:
        folder.keep()
        _see_to_best(training, best_path, info)
    with _tensorboard(folder, len(training.history)) as log:
        while not training.finished:
            try:
                epoch = training.run_epoch(watch or (lambda progress: None))
            except TrialError as error:
                kept = f"; best weights so far: {best_path}" if training.history else ""
                raise TrialError(f"{folder.path}: {error}{kept}") from None
            save_state(folder.path, {**training.state(), "settings": folder.digests[0]})
            folder.keep()
            if training.best is epoch:  # after the state, which holds these weights, too
                save_checkpoint(training.evaluated, best_path, info)
            _write_history(folder, training.history)
            log(epoch)
            if on_epoch is not None:
                on_epoch(epoch)
    best = training.best
    if best is None:
        raise TrialError(f"{folder.path}: no epoch was trained")
    _write_history(folder, training.history)
    load_checkpoint(training.evaluated, best_path)
    test = training.validate(data.splits["test"])
    return TrainResult(training.evaluated, info, best, tuple(training.history), test, folder.path)


def _taking_over(training: Training, folder: RunFolder) -> Callable[[dict[str, Any]], None]:
    """Return what restores a training from a state, if it is one of the folder's settings."""

    def take(state: dict[str, Any]) -> None:
        if "settings" not in state and folder.sealed:
            raise CheckpointError("does not say of which settings it is")
        if state.get("settings") not in (None, *folder.digests):
            raise CheckpointError(f"of other settings than {RUN_FILE}")
        lengths = folder.had("recipe_epochs")
        if state.get("epochs", lengths[0]) not in lengths:
            raise CheckpointError(f"of another number of epochs than {RUN_FILE}")
        training.restore(state, epochs=lengths[0])

    return take


def _see_to_best(training: Training, path: Path, info: CheckpointInfo) -> None:
    """See that the best epoch's weights are in their file: the state holds them, too.

    Raises:
        CheckpointError: they are nowhere: an older version's state, without its checkpoint.
    """
    wanted, found, reason = training.best_weights, None, "of another epoch"
    try:
        found = read_weights(path)
    except CheckpointError as error:
        reason = str(error).removeprefix(f"{path}: ")
    if wanted is None:
        if found is None and training.best is not training.history[-1]:
            raise CheckpointError(
                f"{path}: {reason}, and {STATE_FILE} holds the last epoch's weights alone; remove"
                f" {STATE_FILE} to train anew"
            )
        wanted = found or training.evaluated.state_dict()
        training.best_weights = wanted
    if found is None or not _equal(found, wanted):
        if found is None:
            warnings.warn(
                f"{path}: {reason}; written anew from {STATE_FILE}", NasferWarning, stacklevel=2
            )
        save_weights(wanted, path, info)


def _equal(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(
        torch.equal(value.cpu(), other[name].cpu()) for name, value in one.items()
    )


def _start(settings: TrainSettings, device: torch.device) -> Network:
    """Build the network with its initial weights, which follow from the seed."""
    seed_the_global_ones(settings.seed, device)
    model = create_model(settings.arch)
    initialise(model, settings.recipe.init)
    if settings.weights is not None:
        load_checkpoint(model, settings.weights, reset_head=True)
    adjust(model, settings.recipe)
    model.to(device)
    if settings.recipe.channels_last:
        model.to(memory_format=torch.channels_last)
    return model


def _write_history(folder: RunFolder, history: list[Epoch]) -> None:
    table = pd.DataFrame([epoch.row() for epoch in history])
    write_atomic(folder.path / HISTORY_FILE, table.to_csv(index=False))


@contextmanager
def _tensorboard(folder: RunFolder, done: int) -> Iterator[_Log]:
    """Yield what writes an epoch's figures for TensorBoard; a resumed run goes on in its graph."""
    log = _Log(folder.path / "tensorboard", done)
    try:
        yield log
    finally:
        log.close()


class _Log:
    """What writes an epoch's figures; its folder is made with the first."""

    def __init__(self, path: Path, done: int) -> None:
        self._path = path
        self._done = done
        self._writer: SummaryWriter | None = None

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def __call__(self, epoch: Epoch) -> None:
        if self._writer is None:
            from torch.utils.tensorboard import SummaryWriter  # a second: only where it trains

            self._writer = SummaryWriter(self._path, purge_step=self._done + 1)
        for name, value in epoch.row().items():
            if name != "epoch":
                self._writer.add_scalar(name, value, epoch.epoch)
        self._writer.flush()
