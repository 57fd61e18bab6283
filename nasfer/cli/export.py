"""``nasfer export``: a network for other programs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from nasfer.cli.options import AsJson, Overwrite, Seed
from nasfer.cli.output import complain, echo, echo_json, note
from nasfer.cli.progress import stages
from nasfer.errors import UnknownNameError

if TYPE_CHECKING:
    from nasfer.exporting import Exported


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
    overwrite: Overwrite = False,
    json: AsJson = False,
) -> int:
    """Write a network as ONNX or torch.export, and check the written file against torch.

    The file tells class names, size and normalisation. Exit 1 if its logits differ by over 1e-4 of
    the largest; int8 is judged by the images of which it predicts another class.

    Example: nasfer export best.safetensors --format onnx --out best.onnx
    """
    if batch != "dynamic" and not (batch.isdecimal() and int(batch)):
        raise UnknownNameError(f"`batch`: {batch!r}; allowed: dynamic, or a number from 1")
    from nasfer import api
    from nasfer.inference.opened import is_checkpoint

    with stages() as watch:
        done = api.export(
            source,
            out,
            format=format,  # type: ignore[arg-type]  # any text: it is checked there
            quantize=None if quantize == "none" else quantize,  # type: ignore[arg-type]  # likewise
            calibrate=calibrate,
            batch=None if batch == "dynamic" else int(batch),
            resolution=resolution,
            seed=seed,
            watch=watch,
            overwrite=overwrite,
        )
    if not is_checkpoint(source):
        note("nasfer: untrained weights: for measuring time and memory only")
    _show(done, as_json=json)
    if done.int8 is not None and not done.int8.faster:
        complain(
            f"warning: {done.path}: smaller but not faster on this processor:"
            f" {done.int8.int8_ms:.2f} ms in int8, {done.int8.float_ms:.2f} ms in float32"
        )
    if not done.faithful:
        complain(
            f"{done.path}: logits differ from torch's by {done.parity.relative:.1e} of the"
            " largest; 1e-4 is allowed"
        )
        return 1
    return 0


def _int8(done: Exported) -> dict[str, object]:
    """What int8 comes to beside float32, for JSON; nothing of a float32 file."""
    if done.int8 is None:
        return {}
    found = asdict(done.int8)
    del found["content"]
    return {**found, "faster": done.int8.faster}


def _compared(done: Exported) -> list[str]:
    """Say how int8 compares with float32 on this processor."""
    found = done.int8
    assert found is not None
    call = "an image" if found.batch == 1 else f"{found.batch} images"
    lines = [
        f"{call} takes {found.float_ms:.2f} ms in float32, {found.int8_ms:.2f} ms in int8"
        f" ({found.form} activations; onnxruntime, one thread, this processor)"
    ]
    if found.float_accuracy is not None and found.int8_accuracy is not None:
        lines.append(
            f"accuracy on {done.parity.images} faces kept apart: {found.float_accuracy:.1%} in"
            f" float32, {found.int8_accuracy:.1%} in int8"
        )
    return lines


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
                **_int8(done),
            }
        )  # fmt: skip
        return
    echo(f"{done.path}: {done.size / 1e6:.2f} MB")
    if done.quantized:
        same = round(parity.agreement * parity.images)
        echo(f"float32 would be {done.float_size / 1e6:.2f} MB")
        echo(f"int8 predicts the same class as torch on {same} of {parity.images} images")
        for text in _compared(done):
            echo(text)
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
