"""What a training came to, as the value that ``train`` and every trial of ``tune`` write."""

from __future__ import annotations

from pathlib import Path

from nasfer.data import FaceData
from nasfer.inference.result import Result
from nasfer.training.run import BEST_FILE, TrainResult
from nasfer.training.settings import TrainSettings


def measured(
    settings: TrainSettings, faces: FaceData, trained: TrainResult, folder: Path
) -> Result:
    """Return the figures of the best epoch's weights on the test split.

    Args:
        settings: of the training.
        faces: its data.
        trained: what `nasfer.training.run.run_training` gave.
        folder: where its checkpoint lies.
    """
    warning = trained.test.warning
    return Result(
        network=settings.source,
        structure=str(settings.arch),
        digest=settings.arch.digest(),
        data=faces.spec,
        split="test",
        resolution=settings.resolution,
        metrics=trained.test,
        device=next(trained.model.parameters()).device.type,
        notes=faces.notes if warning is None else (*faces.notes, warning),
        bad_images=faces.bad_images,
        best_epoch=trained.best.row(),
        checkpoint=str(folder / BEST_FILE),
    )
