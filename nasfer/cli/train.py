"""``nasfer train``: train one network fully."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Argument, Option

from nasfer.cli.output import echo, echo_json, note, show_table, warn
from nasfer.cli.score import ARCH
from nasfer.errors import SpecError
from nasfer.runs.naming import RUNS, short_name

if TYPE_CHECKING:
    from nasfer.training.run import TrainResult

RECIPE = "Recipe (each overrides the recipe's own value)"
RUN = "Run"


def train(
    arch: Annotated[str, Argument(help=ARCH)],
    data: Annotated[
        str, Option(help="NAME[:PATH][,option=value]; see nasfer data list.")
    ] = "drawn",
    recipe: Annotated[
        str, Option(help="Recipe by name, or a YAML file; paper: the preset's own.")
    ] = "nasfer",
    epochs: Annotated[int | None, Option(min=1, help="Epochs.", rich_help_panel=RECIPE)] = None,
    batch_size: Annotated[
        int | None, Option(min=2, help="Images a step.", rich_help_panel=RECIPE)
    ] = None,
    lr: Annotated[
        float | None, Option(help="Learning rate (its largest value).", rich_help_panel=RECIPE)
    ] = None,
    option: Annotated[
        list[str] | None,
        Option("--set", help="Any field of the recipe: name=value.", rich_help_panel=RECIPE),
    ] = None,
    resolution: Annotated[
        int | None,
        Option(min=8, help="Side of the images; default: recipe's or the data's."),
    ] = None,
    weights: Annotated[
        Path | None, Option(help="Checkpoint to start from, nasfer's or published.")
    ] = None,
    on_bad_image: Annotated[
        Literal["stop", "skip"], Option(help="What a damaged image does.")
    ] = "stop",
    seed: Annotated[
        int, Option(min=0, help="Of weights, order, augmentation.", rich_help_panel=RUN)
    ] = 0,
    threads: Annotated[
        int | None, Option(min=1, help="Of torch; default: all cores.", rich_help_panel=RUN)
    ] = None,
    device: Annotated[
        str | None, Option(help="cuda, cpu, ...; default: a GPU if any.", rich_help_panel=RUN)
    ] = None,
    out: Annotated[
        Path | None,
        Option(
            help="Run folder; default results/runs/train-<arch>-<data>-seed<seed>.",
            rich_help_panel=RUN,
        ),
    ] = None,
    json: Annotated[bool, Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Train one network fully, and measure it on the test split.

    Without --data it trains on faces that nasfer draws itself, and without --recipe by the recipe
    nasfer, also a preset: --recipe paper is its paper's own. The same command on the same folder
    goes on where it stopped; with more --epochs, a finished training too.

    Example: nasfer train zennet_m_sa --data rafdb:PATH,convention=emo_net --recipe zennet
    """
    from nasfer import api
    from nasfer.cli.progress import training_watch
    from nasfer.presets import source_name

    folder = out or RUNS / f"train-{source_name(arch)}-{short_name(data)}-seed{seed}"
    with training_watch() as watch:
        result = api.train(
            arch, data, recipe=recipe, out=folder, resolution=resolution, seed=seed,
            options=recipe_options(option or [], epochs=epochs, batch_size=batch_size, lr=lr),
            threads=threads, device=device, on_bad_image=on_bad_image, weights=weights,
            command=shlex.join(["nasfer", *sys.argv[1:]]), watch=watch, note=note,
        )  # fmt: skip
    _show(result, folder, arch, as_json=json)
    if result.warning is not None:
        warn(result.warning)


def recipe_options(pairs: list[str], **flags: object) -> dict[str, str]:
    """Join ``--set name=value`` pairs and the flags that were given."""
    options = {name: str(value) for name, value in flags.items() if value is not None}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise SpecError(f"`options`: {pair!r} is not name=value")
        options[name.replace("-", "_")] = value
    return options


def _show(result: TrainResult, folder: Path, arch: str, *, as_json: bool) -> None:
    if as_json:
        echo_json({
            "folder": str(folder),
            "best_epoch": result.best.row(),
            "test": result.test.row(),
            "warning": result.warning,
        })  # fmt: skip
        return
    test = result.test
    rows = [{
        "network": arch,
        "epoch": result.best.epoch,
        "val accuracy": f"{result.best.val_accuracy:.2%}",
        "test accuracy": f"{test.accuracy:.2%}",
        "mean class": f"{test.mean_class_accuracy:.2%}",
        "macro-F1": f"{test.macro_f1:.2%}",
        "ECE": f"{test.ece:.2%}",
        "images": test.count,
    }]  # fmt: skip
    show_table("Trained; measured once on the test split, at the best validation epoch", rows)
    echo(f"checkpoint: {folder}/best.safetensors")
    echo(f"tables and plots: {folder}/confusion.png, curves.png, per_class.csv, history.csv")
