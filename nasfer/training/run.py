"""One full training in a run folder: best weights, state, history; resumable at every epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch

from nasfer.data import FaceData
from nasfer.errors import TrialError
from nasfer.inference.device import chosen_device
from nasfer.inference.metrics import Metrics
from nasfer.models import (
    CheckpointInfo,
    Network,
    create_model,
    load_checkpoint,
    save_checkpoint,
)
from nasfer.runs.folder import RunFolder, write_atomic
from nasfer.training.loop import Training
from nasfer.training.randomness import process_state_kept, seed_the_global_ones
from nasfer.training.settings import Epoch, TrainSettings, TrainWatch
from nasfer.training.start import adjust, initialise
from nasfer.training.state import load_state, save_state

BEST_FILE = "best.safetensors"
HISTORY_FILE = "history.csv"


@dataclass(frozen=True, slots=True)
class TrainResult:
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
    state = load_state(folder.path)
    if state is not None:
        training.restore(state)
    best_path = folder.path / BEST_FILE
    with _tensorboard(folder, len(training.history)) as log:
        while not training.finished:
            try:
                epoch = training.run_epoch(watch or (lambda progress: None))
            except TrialError as error:
                kept = f"; best weights so far: {best_path}" if training.history else ""
                raise TrialError(f"{folder.path}: {error}{kept}") from None
            if training.best is epoch:  # before the state: an epoch that is repeated writes it anew
                save_checkpoint(training.evaluated, best_path, info)
            save_state(folder.path, training.state())
            _write_history(folder, training.history)
            log(epoch)
            if on_epoch is not None:
                on_epoch(epoch)
    _write_history(folder, training.history)
    load_checkpoint(training.evaluated, best_path)
    best = training.best
    if best is None:
        raise TrialError(f"{folder.path}: no epoch was trained")
    test = training.validate(data.splits["test"])
    return TrainResult(training.evaluated, info, best, tuple(training.history), test, folder.path)


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
    from torch.utils.tensorboard import SummaryWriter  # a second to import: only where it trains

    writer = SummaryWriter(folder.path / "tensorboard", purge_step=done + 1)
    try:
        yield _Log(writer)
    finally:
        writer.close()


class _Log:
    def __init__(self, writer: torch.utils.tensorboard.SummaryWriter) -> None:
        self._writer = writer

    def __call__(self, epoch: Epoch) -> None:
        for name, value in epoch.row().items():
            if name != "epoch":
                self._writer.add_scalar(name, value, epoch.epoch)
        self._writer.flush()
