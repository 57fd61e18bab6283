"""A trained network on one split: probabilities, metrics and times as one `Result`."""

from __future__ import annotations

import torch

from nasfer.data import FaceData
from nasfer.inference.latency import Latency
from nasfer.inference.latency import latency as time_passes
from nasfer.inference.metrics import measure
from nasfer.inference.probabilities import Watch, probabilities
from nasfer.inference.result import Result
from nasfer.models import CheckpointInfo, Network


def measure_split(
    model: Network,
    info: CheckpointInfo,
    data: FaceData,
    split: str,
    *,
    checkpoint: str,
    flip: bool = False,
    batch: int = 128,
    device: str = "cpu",
    latency: bool = False,
    threads: int | None = None,
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
        latency: whether forward passes are timed, see `nasfer.inference.latency.latency`.
        threads: of torch on the CPU while they are; ``None``: as many as it has.
        watch: called after every batch.
    Raises:
        CheckpointError: the classes have no names.
        DataError: other classes than the data's, or no landmarks where the network reads them.
    """
    faces = data.splits[split]
    side = info.resolution or faces.images.resolution
    found = probabilities(model, faces, info, batch=batch, flip=flip, device=device, watch=watch)
    metrics = measure(found, faces.targets, faces.class_names)
    passes: list[Latency] = []
    if latency:
        passes = time_passes(model, side, threads=threads or torch.get_num_threads())
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
        latencies=tuple(passes),
        checkpoint=checkpoint,
    )
