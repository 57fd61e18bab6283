"""The golden files' own rules: weights by key, input by seed."""

from __future__ import annotations

import json
import math
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch

GOLDEN = Path(__file__).parent / "golden"


def golden(name: str) -> Any:
    """Read one golden file."""
    return json.loads((GOLDEN / f"{name}.json").read_text())


def golden_state(figures: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Make the published state dict by the rule of the golden files."""
    state = {}
    for key, shape in figures["keys"]:
        rng = np.random.default_rng(zlib.crc32(key.encode()))
        if key.endswith("num_batches_tracked"):
            values = np.zeros(shape)
        elif key.endswith("running_var"):
            values = rng.uniform(0.5, 1.5, size=shape)
        elif key.endswith(("running_mean", "bias")):
            values = rng.normal(0, 0.1, size=shape)
        elif key.endswith("weight") and len(shape) > 1:
            values = rng.normal(0, 1, size=shape) * math.sqrt(2 / math.prod(shape[1:]))
        else:
            values = rng.uniform(0.5, 1.5, size=shape)
        state[key] = torch.tensor(np.asarray(values, dtype=np.float32))
    return state


def golden_input(figures: dict[str, Any]) -> torch.Tensor:
    """Make the input batch of a golden file."""
    rng = np.random.default_rng(figures["seed"])
    return torch.tensor(rng.normal(size=figures["input_shape"]).astype(np.float32))
