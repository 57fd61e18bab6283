"""``nasfer evaluate``: how good is a trained network really, and how fast?"""

from __future__ import annotations

import json as jsonlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from nasfer.cli.output import echo, echo_json, show_table
from nasfer.cli.progress import counting
from nasfer.cli.trained import (
    Checkpoint,
    Classes,
    Device,
    Flip,
    Resolution,
    open_trained,
)

if TYPE_CHECKING:
    from nasfer.inference.metrics import Metrics


def evaluate(
    checkpoint: Checkpoint,
    data: Annotated[str, Option(help="NAME[:PATH][,option=value...].")],
    split: Annotated[str, Option(help="train, val or test.")] = "test",
    flip: Flip = False,
    classes: Classes = "",
    resolution: Resolution = None,
    batch: Annotated[int, Option(min=1, help="Images a forward pass.")] = 128,
    threads: Annotated[
        int | None, Option(min=1, help="For the latency on the CPU; default: torch's.")
    ] = None,
    latency: Annotated[
        bool, Option("--latency/--no-latency", help="Time forward passes of 1 and 32 images.")
    ] = True,
    on_bad_image: Annotated[str, Option(help="stop, or skip damaged images.")] = "stop",
    device: Device = "auto",
    seed: Annotated[int, Option(min=0, help="Of splits and faces that are drawn.")] = 0,
    out: Annotated[
        Path | None, Option(help="Folder for confusion.png, metrics.json and per_class.csv.")
    ] = None,
    json: Annotated[bool, Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure a trained network on a data set: accuracy, by class, calibration, latency.

    Classes are joined by name; other classes than the data's are an error.

    Example: nasfer evaluate best.safetensors --data fer2013:fer2013.csv --flip --out evaluated
    """
    from nasfer.data import load_data
    from nasfer.errors import UnknownNameError
    from nasfer.inference.device import chosen_device
    from nasfer.inference.latency import latency as time_passes
    from nasfer.inference.metrics import measure
    from nasfer.inference.probabilities import probabilities

    model, info = open_trained(checkpoint, classes, resolution)
    place, side, channels = chosen_device(device), info.resolution or None, model.arch.in_channels
    with counting("reading images") as watch:
        faces = load_data(
            data,
            resolution=side,
            channels=channels,
            on_bad_image=on_bad_image,
            seed=seed,
            watch=watch,
        )
    if split not in faces.splits:
        raise UnknownNameError(f"--split: unknown {split!r}; allowed: {', '.join(faces.splits)}")
    chosen = faces.splits[split]
    with counting("images read by the network") as watch:
        found = probabilities(
            model, chosen, info, batch=batch, flip=flip, device=place, watch=watch
        )
    metrics = measure(found, chosen.targets, chosen.class_names)
    times: list[dict[str, Any]] = []
    if latency:
        import torch

        side = side or chosen.images.resolution
        passes = time_passes(model, side, threads=threads or torch.get_num_threads())
        times = [{"device": place, **asdict(one)} for one in passes]
    record = {
        "checkpoint": str(checkpoint), "structure": info.structure,
        "digest": model.arch.digest(), "data": data, "split": split, "flip": flip,
        "resolution": side or chosen.images.resolution, "notes": list(faces.notes),
        "bad_images": list(faces.bad_images), **asdict(metrics), "latency": times,
    }  # fmt: skip
    if out is not None:
        _write(metrics, record, out, f"{checkpoint.stem} on {faces.name}, {split}")
    if json:
        echo_json(record)
        return
    for note in faces.notes:
        echo(note)
    _show(metrics, times, f"{checkpoint} on {data}, {split}: {metrics.count:,} images")
    if out is not None:
        echo(f"written: {out}/confusion.png, metrics.json, per_class.csv")


def _show(metrics: Metrics, times: list[dict[str, Any]], title: str) -> None:
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
    if times:
        title = f"Forward pass ({times[0]['device']}, threads: {times[0]['threads']})"
        hidden = ("device", "threads", "passes")
        show_table(title, times, hide=hidden)


def _percent(share: float) -> str:
    return f"{share:.2%}"


def _write(metrics: Metrics, record: dict[str, Any], folder: Path, title: str) -> None:
    import pandas as pd

    from nasfer.report import write_table
    from nasfer.report.trainings.confusion import plot_confusion
    from nasfer.runs.folder import write_atomic

    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / "metrics.json", jsonlib.dumps(record, indent=2) + "\n")
    rows = [asdict(row) for row in metrics.per_class]
    write_table(pd.DataFrame(rows).rename(columns={"name": "class"}), folder / "per_class.csv")
    plot_confusion(metrics.confusion, metrics.class_names, folder / "confusion.png", title)
