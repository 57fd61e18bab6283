"""``nasfer export``: a network for other programs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from nasfer.cli.output import echo, echo_json
from nasfer.cli.trained import Seed
from nasfer.errors import UnknownNameError

if TYPE_CHECKING:
    from torch import Tensor

    from nasfer.exporting import Exported
    from nasfer.models import CheckpointInfo, Network

CALIBRATED = 256
"""Faces that int8 is calibrated on, and as many that it is judged by."""


def export(
    source: Annotated[
        str, Argument(help="Checkpoint (.safetensors); or, untrained, a preset, structure or file.")
    ],
    format: Annotated[str, Option(help="onnx or torch-export.")] = "onnx",
    quantize: Annotated[str, Option(help="int8, for onnx; or none.")] = "none",
    calibrate: Annotated[
        str | None, Option(help="Faces for int8, as --data elsewhere; default: drawn noise.")
    ] = None,
    out: Annotated[
        Path | None, Option(help="File to write; default: the source's name in this folder.")
    ] = None,
    batch: Annotated[str, Option(help="Images a call: dynamic, or a number.")] = "dynamic",
    resolution: Annotated[
        int | None, Option(min=1, help="Side of the images, pixels; default: the network's.")
    ] = None,
    seed: Seed = 0,
    json: Annotated[bool, Option("--json", help="Print JSON.")] = False,
) -> int:
    """Write a network as ONNX or torch.export, and check the written file against torch.

    The file tells class names, size and normalisation. Exit 1 if its logits differ by over 1e-4 of
    the largest; int8 is judged by the images of which it calls another class.

    Example: nasfer export best.safetensors --format onnx --out best.onnx
    """
    if quantize not in ("int8", "none"):
        raise UnknownNameError(f"--quantize: unknown {quantize!r}; allowed: int8, none")
    if batch != "dynamic" and not (batch.isdecimal() and int(batch)):
        raise UnknownNameError(f"--batch: {batch!r}; allowed: dynamic, or a number from 1")
    import torch

    from nasfer.exporting import FORMATS
    from nasfer.exporting import export as write
    from nasfer.inference.opened import is_checkpoint, open_network
    from nasfer.presets import PRESETS

    if format not in FORMATS:
        raise UnknownNameError(f"--format: unknown {format!r}; allowed: {', '.join(FORMATS)}")
    torch.manual_seed(seed)  # of an untrained network's weights
    model, info = open_network(source)
    int8 = quantize == "int8"
    calibration: tuple[Tensor, ...] = ()
    held_out: tuple[Tensor, ...] = ()
    if int8 and calibrate is not None:
        calibration, held_out = _faces(calibrate, model, info, resolution, seed)
    is_file = is_checkpoint(source) or Path(source).suffix in (".yaml", ".json", ".txt")
    name = source if source in PRESETS else model.arch.digest()
    name = Path(source).stem if is_file else name
    ending = f"{'.int8' if int8 else ''}{FORMATS[format]}"
    done = write(
        model,
        info,
        out or Path(name + ending),
        format=format,  # type: ignore[arg-type]  # checked above
        batch=None if batch == "dynamic" else int(batch),
        resolution=resolution,
        int8=int8,
        calibration=calibration,
        held_out=held_out,
        seed=seed,
    )
    if not is_checkpoint(source):
        print("nasfer: untrained weights: for measuring time and memory only", file=sys.stderr)
    _show(done, as_json=json)
    if not done.faithful:
        print(
            f"nasfer: {done.path}: logits differ from torch's by {done.parity.relative:.1e} of the"
            " largest; 1e-4 is allowed",
            file=sys.stderr,
        )
        return 1
    return 0


def _faces(
    spec: str, model: Network, info: CheckpointInfo, resolution: int | None, seed: int
) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    """Return prepared faces of train and of test, with landmarks if the network reads them."""
    from dataclasses import replace

    import torch

    from nasfer.data import load_data
    from nasfer.errors import DataError
    from nasfer.inference.probabilities import prepared

    info = replace(info, resolution=resolution or info.resolution)
    side, channels = info.resolution or None, model.arch.in_channels
    data = load_data(spec, resolution=side, channels=channels, on_bad_image="skip", seed=seed)
    rng = torch.Generator().manual_seed(seed)
    both = []
    for split in ("train", "test"):
        faces = data.splits[split]
        some = torch.randperm(len(faces), generator=rng)[:CALIBRATED]
        inputs = [prepared(model, faces.images.read(some), info)]
        if model.reads_landmarks:
            if faces.landmarks is None:
                raise DataError("--calibrate: this network reads landmarks; this data has none")
            inputs.append(faces.landmarks[some])
        both.append(tuple(inputs))
    return both[0], both[1]


def _show(done: Exported, *, as_json: bool) -> None:
    parity = done.parity
    if as_json:
        echo_json(
            {
                "file": str(done.path), "bytes": done.size, "float32_bytes": done.float_size,
                "images": parity.images, "largest_logit": parity.largest,
                "gap_to_double": parity.double_gap, "gap_to_float32": parity.single_gap,
                "float32_to_double": parity.torch_gap, "relative_gap": parity.relative,
                "same_class": parity.agreement, "faithful": done.faithful,
            }
        )  # fmt: skip
        return
    echo(f"{done.path}: {done.size / 1e6:.2f} MB")
    if done.quantized:
        same = round(parity.agreement * parity.images)
        echo(f"float32 would be {done.float_size / 1e6:.2f} MB")
        echo(f"int8 calls the same class as torch on {same} of {parity.images} images")
        return
    double, single, torch = (
        f"{gap / parity.largest:.1e}"
        for gap in (parity.double_gap, parity.single_gap, parity.torch_gap)
    )
    echo(
        f"largest difference of logits on {parity.images} drawn images, in parts of the largest"
        f" logit: {double} to torch in double precision, {single} to torch in float32"
        f" (those two: {torch})"
    )
