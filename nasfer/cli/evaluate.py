"""``nasfer evaluate``: how good is a trained network really, and how fast?"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from nasfer.cli.options import (
    AsJson,
    Checkpoint,
    Classes,
    Device,
    Flip,
    Overwrite,
    Resolution,
    comma_list,
)
from nasfer.cli.output import echo, echo_json, show_table
from nasfer.cli.progress import stages
from nasfer.cli.quiet import is_quiet

if TYPE_CHECKING:
    from nasfer.inference.latency import Latency
    from nasfer.inference.result import Result


TIMES = ("batch", "median_ms", "p95_ms", "images_per_s")


def evaluate(
    checkpoint: Checkpoint,
    data: Annotated[str, Option(help="NAME[:PATH][,option=value...].")],
    split: Annotated[str, Option(help="train, val or test.")] = "test",
    flip: Flip = False,
    classes: Classes = "",
    resolution: Resolution = None,
    batch: Annotated[int, Option(min=1, help="Images a forward pass.")] = 128,
    threads: Annotated[
        int | None, Option(min=1, help="Of timed passes on the CPU; default: torch's.")
    ] = None,
    latency: Annotated[
        str,
        Option(help="Passes of 1 and 32 images: onnxruntime (the exported file), torch (both)."),
    ] = "onnxruntime",
    no_latency: Annotated[bool, Option("--no-latency", help="Time nothing.")] = False,
    on_bad_image: Annotated[str, Option(help="stop, or skip damaged images.")] = "stop",
    device: Device = "auto",
    seed: Annotated[int, Option(min=0, help="Of splits and faces that are drawn.")] = 0,
    out: Annotated[
        Path | None, Option(help="Folder for result.json, per_class.csv and confusion.png.")
    ] = None,
    overwrite: Overwrite = False,
    json: AsJson = False,
) -> None:
    """Measure a trained network on a data set: accuracy, by class, calibration, latency.

    Classes are joined by name; other classes than the data's are an error. The latency is that of
    the network as an exported file in onnxruntime, which is what is deployed.

    Example: nasfer evaluate best.safetensors --data fer2013:fer2013.csv --flip --out evaluated
    """
    from nasfer import api

    with stages() as watch:
        result = api.evaluate(
            checkpoint, data, split=split, flip=flip, class_names=comma_list(classes),
            resolution=resolution, batch=batch, threads=threads,
            latency="none" if no_latency else latency,  # type: ignore[arg-type]  # any text
            on_bad_image=on_bad_image, device=device, seed=seed, out=out,
            overwrite=overwrite, watch=watch,
        )  # fmt: skip
    if json:
        echo_json(result.to_dict())
        return
    _show(result)
    if out is not None:
        echo(f"written: {out}/result.json, per_class.csv, confusion.png")


def _show(result: Result) -> None:
    for line in () if is_quiet() else result.notes:
        echo(line)
    metrics = result.metrics
    title = f"{result.checkpoint} on {result.data}, {result.split}: {metrics.count:,} images"
    shares = ("accuracy", "mean_class_accuracy", "macro_f1", "ece")
    row: dict[str, Any] = {name: _percent(getattr(metrics, name)) for name in shares}
    show_table(title, [{**row, "nll": metrics.nll}])
    by_class = [
        {
            "class": row.name, "recall": _percent(row.recall) if row.support else None,
            "precision": _percent(row.precision), "f1": _percent(row.f1) if row.support else None,
            "images": row.support,
        }
        for row in metrics.per_class
    ]  # fmt: skip
    show_table("By class (recall is the class's accuracy)", by_class)
    if result.latencies:
        title = f"Forward pass (threads: {result.latencies[0].threads})"
        show_table(title, [_passes(one, result.device) for one in result.latencies])


def _passes(latency: Latency, device: str) -> dict[str, Any]:
    """Return the row of a batch size: where it was timed comes first."""
    where = "onnxruntime, cpu" if latency.backend == "onnxruntime" else f"torch, {device}"
    row = asdict(latency)
    return {"backend": where, **{name: row[name] for name in TIMES}}


def _percent(share: float) -> str:
    return f"{share:.2%}"
