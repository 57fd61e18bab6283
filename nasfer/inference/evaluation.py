"""A trained network on one split: probabilities and metrics as one `Result`."""

from __future__ import annotations

from nasfer.data import FaceData
from nasfer.inference.metrics import measure
from nasfer.inference.probabilities import Reader, Watch, probabilities
from nasfer.inference.result import Result
from nasfer.models import CheckpointInfo


def measure_split(
    model: Reader,
    info: CheckpointInfo,
    data: FaceData,
    split: str,
    *,
    checkpoint: str,
    flip: bool = False,
    batch: int = 128,
    device: str = "cpu",
    watch: Watch | None = None,
) -> Result:
    """Measure a network on a split of a data set.

    Args:
        model: moved to ``device``.
        info: class names of the logits, resolution (0: the images' own), normalisation.
        data: as it was read for this network.
        split: ``train``, ``val`` or ``test``.
        checkpoint: where the weights came from.
        flip: average with the mirror images' probabilities.
        batch: images a forward pass.
        device: of torch.
        watch: called after every batch.
    Raises:
        CheckpointError: the classes have no names.
        DataError: other classes than the data's, or no landmarks where the network reads them.
    """
    faces = data.splits[split]
    side = info.resolution or faces.images.resolution
    found = probabilities(model, faces, info, batch=batch, flip=flip, device=device, watch=watch)
    metrics = measure(found, faces.targets, faces.class_names)
    return Result(
        network=checkpoint,
        structure=info.structure,
        digest=model.arch.digest(),
        data=data.spec,
        split=split,
        resolution=side,
        metrics=metrics,
        device=device,
        flip=flip,
        notes=data.notes,
        bad_images=data.bad_images,
        checkpoint=checkpoint,
    )
