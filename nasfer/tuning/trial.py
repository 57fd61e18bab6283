"""One trial: a full training in its own folder, and the ledger line that comes of it. No Ray."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from nasfer.costs import cost
from nasfer.errors import ProxyError, TrialError
from nasfer.presets import load_arch
from nasfer.proxies import score
from nasfer.runs.folder import RunFolder, write_atomic
from nasfer.training.job import Job, make_job
from nasfer.training.run import BEST_FILE, TrainResult, run_training
from nasfer.training.settings import Epoch
from nasfer.tuning.exploiting import current_values
from nasfer.tuning.settings import TrialSpec, TuneSettings

RESULT_FILE = "result.json"
EPOCHS_FILE = "epochs.jsonl"
TRIALS_FOLDER = "trials"
TRIALS_FILE = "trials.jsonl"

LOCK_SECONDS = 60.0
"""A process that died holds its folder for a moment, until the system took it away."""


def trial_folder(out: Path, key: str) -> Path:
    """Return where a trial is kept."""
    return out / TRIALS_FOLDER / key


def read_spec(out: Path, key: str) -> TrialSpec:
    """Return a wanted trial by its key.

    Raises:
        TrialError: the folder wants no such trial.
    """
    for line in (out / TRIALS_FILE).read_text().splitlines():
        spec = TrialSpec(**json.loads(line))
        if spec.key == key:
            return spec
    raise TrialError(f"{out / TRIALS_FILE}: no trial {key}")


def job_of(spec: TrialSpec, settings: TuneSettings, config: Mapping[str, Any] | None = None) -> Job:
    """Read data, recipe and network of a trial.

    Args:
        config: recipe values, where they are no longer those that it began with.
    Raises:
        NasferError: one of them is wrong.
    """
    config = {name: _text(value) for name, value in (config or spec.config).items()}
    return make_job(
        spec.arch,
        settings.data,
        recipe=settings.recipe,
        options={**settings.options, **config},
        resolution=settings.resolution,
        seed=spec.seed,
        threads=settings.threads,
        on_bad_image=settings.on_bad_image,
    )


def _text(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def train_trial(
    spec: TrialSpec,
    settings: TuneSettings,
    out: Path,
    *,
    device: str | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> dict[str, Any]:
    """Train one candidate to its end, from its last epoch if it was begun.

    Args:
        out: run folder of the tuning; the trial has ``out/trials/<key>``.
        device: as in `nasfer.training.run.run_training`.
        on_epoch: called with each epoch, once all of it is on disk.
    Returns:
        The line for the ledger; it stands in ``result.json`` of the trial's folder, too.
    Raises:
        TrialError: the loss is not finite.
        TimeoutError: another process trains in the folder: one that its node has lost, say.
        NasferError: data, recipe or network is wrong, or a file cannot be written.
    """
    folder = trial_folder(out, spec.key)
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=LOCK_SECONDS)
    except Timeout:
        raise TimeoutError(f"{folder}: another process trains here") from None
    try:
        return _train(spec, settings, folder, device, on_epoch)
    finally:
        lock.release()


def _train(
    spec: TrialSpec,
    settings: TuneSettings,
    path: Path,
    device: str | None,
    on_epoch: Callable[[Epoch], None] | None,
) -> dict[str, Any]:
    known = read_result(path)
    if known is not None:
        return known
    config = current_values(path, spec.config)
    job = job_of(spec, settings, config)
    folder = RunFolder(path, job.settings.plain(), {"trial": spec.key})
    since = time.monotonic()

    def keep(epoch: Epoch) -> None:
        nonlocal since
        now = time.monotonic()
        line = {
            "epoch": epoch.epoch,
            "val_accuracy": epoch.val_accuracy,
            "seconds": now - since,
            "host": socket.gethostname(),
            "pid": os.getpid(),
        }
        folder.append(line, EPOCHS_FILE)
        since = now
        if on_epoch is not None:
            on_epoch(epoch)

    result = run_training(job.settings, job.faces, job.info, folder, device=device, on_epoch=keep)
    line = {**_line(spec, job, result, folder), "config": config}
    write_atomic(path / RESULT_FILE, json.dumps(line, indent=1))
    if not folder.finished:
        folder.finish()
    return line


def _line(spec: TrialSpec, job: Job, result: TrainResult, folder: RunFolder) -> dict[str, Any]:
    arch, size = job.settings.arch, job.settings.resolution
    counted = cost(arch, size)
    test = result.test
    checkpoint = folder.path / BEST_FILE
    return {
        **identity(spec),
        "status": "done",
        "epochs": len(result.history),
        "val_accuracy": result.best.val_accuracy,
        "test": {
            **test.row(),
            "confusion": [list(row) for row in test.confusion],
            "class_names": list(test.class_names),
        },
        "flops": counted.flops,
        "macs": counted.macs,
        "params": counted.params,
        "layers": counted.layers,
        "resolution": size,
        "device": next(result.model.parameters()).device.type,
        "checkpoint": str(checkpoint),
        "checkpoint_bytes": checkpoint.stat().st_size,
        "zen_closed_form": closed_form(spec, size),
        "seconds": sum(line["seconds"] for line in folder.ledger(EPOCHS_FILE)),
        "error": None,
    }


def identity(spec: TrialSpec) -> dict[str, Any]:
    """Return the part of a line that says which trial it is."""
    return {
        "trial": spec.key,
        "candidate": spec.candidate,
        "source": spec.source,
        "digest": spec.digest,
        "structure": spec.structure,
        "seed": spec.seed,
        "config": dict(spec.config),
    }


def closed_form(spec: TrialSpec, resolution: int) -> float | None:
    """Return the candidate's Zen-score in closed form, ``None`` outside its derivation."""
    try:
        return float(score(load_arch(spec.structure), "zen_closed_form", resolution=resolution))
    except ProxyError:
        return None


def read_result(folder: Path) -> dict[str, Any] | None:
    """Return the line of a trial that came to its end; ``None`` where it did not.

    Raises:
        TrialError: the file is damaged.
    """
    path = folder / RESULT_FILE
    if not path.exists():
        return None
    try:
        line: dict[str, Any] = json.loads(path.read_bytes())
        line["trial"], line["status"]
    except (ValueError, KeyError, TypeError):
        raise TrialError(f"{path}: damaged; remove it to measure the trial anew") from None
    return line
