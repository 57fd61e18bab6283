"""What an exported file says about itself, so that every backend prepares faces alike."""

from __future__ import annotations

import json
from importlib import metadata

from nasfer.models import CheckpointInfo, Network


def description(model: Network, info: CheckpointInfo, resolution: int) -> dict[str, str]:
    """Return the properties of an exported file, as texts; lists are JSON.

    Images are read as in training: grey or colour (``channels``, in the order red, green, blue) of
    range 0 to 1, resized to ``resolution``, less ``mean``, by ``std``.

    Returns:
        ``class_names`` (``[]`` if unknown), ``resolution``, ``channels``, ``mean``, ``std``,
        ``structure``, ``digest``, ``nasfer_version``; where a network has several outputs,
        ``output_weights``: the prediction is the softmax of their sum so weighted.
    """
    properties = {
        "class_names": json.dumps(info.class_names),
        "resolution": str(resolution),
        "channels": str(model.arch.in_channels),
        "mean": json.dumps(info.mean),
        "std": json.dumps(info.std),
        "structure": str(model.arch),
        "digest": model.arch.digest(),
        "nasfer_version": metadata.version("nasfer"),
    }
    if model.reads_landmarks:
        properties["output_weights"] = json.dumps(model.output_weights)
    return properties
