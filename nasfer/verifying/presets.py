"""Are the presets the published networks? Parameter for parameter, logit for logit.

The golden files (``presets/golden/``) hold what the published code of each system gives: the keys
and shapes of its state dict, a rule that makes weights from the keys, an input seed and the logits.
A preset is right if a checkpoint of those keys loads into nasfer's network through the checkpoint
import, every key used, and the logits agree.
"""

from __future__ import annotations

import json
import math
import re
import sys
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nasfer.costs import cost
from nasfer.errors import CheckpointError
from nasfer.models import Network, create_model, load_checkpoint
from nasfer.presets import PRESETS, Preset
from nasfer.verifying.written import block_line, figure_line

GOLDEN = Path(__file__).parents[1] / "presets" / "golden"

GOLDEN_THREADS = 2
"""The golden logits were made with two threads. Group norm of a single cell (the SA head) blows the
rounding of the convolutions before it up by 1 / sqrt(eps), so other thread counts differ there."""

TOLERANCE = 1e-4
"""Largest difference of logits, relative to the largest logit."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check of one preset found.

    Args:
        name: of the preset.
        params: counted here.
        flops: counted here at ``resolution``, as fvcore counts.
        resolution: side of the images, in pixels.
        printed_params: as the paper prints it.
        printed_flops: as the paper prints it, in its own unit.
        params_gap: counted over printed, less 1; ``None`` where nothing is printed.
        flops_gap: likewise.
        logits_gap: largest difference to the published code's logits, relative to the largest;
            ``None`` where they cannot be compared.
        faults: one line each; empty if the preset is right.
    """

    name: str
    params: int
    flops: int
    resolution: int
    printed_params: str | None
    printed_flops: str | None
    params_gap: float | None
    flops_gap: float | None
    logits_gap: float | None
    faults: tuple[str, ...]


def golden_figures(name: str) -> dict[str, Any]:
    """Return the golden figures of a preset; none of one from outside."""
    path = GOLDEN / f"{name}.json"
    figures: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return figures


def golden_state(figures: dict[str, Any]) -> dict[str, Tensor]:
    """Return the published state dict that the golden rule makes: values by key and shape."""
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
        state[key] = torch.from_numpy(np.asarray(values, dtype=np.float32))
    return state


def golden_inputs(figures: dict[str, Any]) -> tuple[Tensor, ...]:
    """Return the images, and the landmarks where the network reads them."""
    rng = np.random.default_rng(figures["seed"])
    images = torch.from_numpy(rng.normal(size=figures["input_shape"]).astype(np.float32))
    if "landmarks" in figures:
        return images, torch.tensor(figures["landmarks"])
    return (images,)


def logits_gap(preset: Preset, figures: dict[str, Any]) -> float:
    """Load the golden checkpoint by the import and return the relative difference of the logits.

    Raises:
        CheckpointError: the keys or shapes are not the published ones; the message begins with the
            line of the first block that differs.
    """
    with torch.random.fork_rng(devices=[]):  # initial weights are drawn, and replaced
        model = create_model(preset.arch)
    state = golden_state(figures)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "published.pth"
        torch.save({"state_dict": {f"module.{key}": value for key, value in state.items()}}, path)
        try:
            load_checkpoint(model, path)
        except CheckpointError as error:
            index = _first_other_block(preset, model, state)
            place = block_line(_file(preset), str(preset.arch), index)
            reason = str(error).removeprefix(f"{path}: ")
            raise CheckpointError(f"{place}: {preset.name}: {reason}") from None
    threads = torch.get_num_threads()
    torch.set_num_threads(GOLDEN_THREADS)
    try:
        with torch.no_grad():
            outputs = model.eval().outputs(*golden_inputs(figures))
    finally:
        torch.set_num_threads(threads)
    gap = 0.0
    for ours, theirs in zip(outputs, figures["outputs"], strict=True):
        wanted = torch.tensor(theirs)
        gap = max(gap, float((ours - wanted).abs().max() / wanted.abs().max()))
    return gap


def _file(preset: Preset) -> Path:
    """Return the file that registered the preset; its key map stands there."""
    return Path(str(sys.modules[preset.published_key.__module__].__file__))


def _first_other_block(preset: Preset, model: Network, state: dict[str, Tensor]) -> int:
    """Return the first block that has a parameter which the published network has not."""
    for key, value in model.state_dict().items():
        try:
            theirs = state.get(preset.published_key(key))
        except LookupError:  # the map knows the keys of the published blocks only
            theirs = None
        if theirs is None or theirs.shape != value.shape:
            room, number, *_ = key.split(".")
            return int(number) if room == "features" else len(model.arch.blocks)
    return 0


def check_preset(name: str) -> Verdict:
    """Recompute a preset's figures and compare them with what its file and the paper say.

    Counts are at the resolution of the published code's images, which the file must state.
    """
    preset = PRESETS.get(name)
    figures = golden_figures(name)
    resolution = figures["input_shape"][-1] if figures else preset.resolution
    counted = cost(preset.arch, resolution)
    path = _file(preset)
    faults = [
        f"{figure_line(path, name, stated)}: {what} of {name} is {value}, the file says {stated}"
        for what, value, stated in (
            ("resolution", resolution, preset.resolution),
            ("params", counted.params, preset.params),
            ("flops", counted.flops, preset.flops),
        )
        if value != stated
    ]
    gap = None
    try:
        gap = logits_gap(preset, figures) if figures else None
    except CheckpointError as error:
        faults.append(str(error))
    if gap is not None and not gap <= TOLERANCE:
        faults.append(
            f"{block_line(path, str(preset.arch))}: {name}: logits differ from the published"
            f" code's by {gap:.1e}; the structure is written here"
        )
    printed = preset.published
    return Verdict(
        name=name,
        params=counted.params,
        flops=counted.flops,
        resolution=resolution,
        printed_params=printed.params,
        printed_flops=printed.flops,
        params_gap=_gap(counted.params, printed.params),
        flops_gap=_gap(counted.flops, printed.flops),
        logits_gap=gap,
        faults=tuple(faults),
    )


def _gap(counted: int, printed: str | None) -> float | None:
    match = re.match(r"([0-9.]+)\s*([kMG]?)", printed or "")
    if match is None:
        return None
    return counted / (float(match[1]) * {"": 1, "k": 1e3, "M": 1e6, "G": 1e9}[match[2]]) - 1
