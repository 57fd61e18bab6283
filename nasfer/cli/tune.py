"""``nasfer tune``: train many candidates fully, on one machine or a Ray cluster."""

from __future__ import annotations

import shlex
import sys
from json import loads
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Argument, BadParameter, Exit, Option

from nasfer.cli.output import echo, echo_json, note, show_table, table_rows, warn
from nasfer.cli.train import recipe_options
from nasfer.runs.naming import RUNS

if TYPE_CHECKING:
    import pandas as pd

CANDIDATES = "Candidates"
TRAINING = "Training"
WHERE = "Where trials run"

LESSER = ("torch latency (ms)", "kind", "seeds", "macro-F1 (%)", "stopped early", "params")
"""Columns of trained candidates that go first where there is no room."""


def tune(
    sources: Annotated[
        list[str] | None,
        Argument(metavar="SOURCE...", help="Run folder of a search, preset, ARCH, or space."),
    ] = None,
    data: Annotated[
        str, Option(help="NAME[:PATH][,option=value]; see nasfer data list.")
    ] = "drawn",
    recipe: Annotated[
        str, Option(help="Recipe by name, or a YAML file.", rich_help_panel=TRAINING)
    ] = "nasfer",
    epochs: Annotated[int | None, Option(min=1, help="Epochs.", rich_help_panel=TRAINING)] = None,
    option: Annotated[
        list[str] | None,
        Option("--set", help="Any field of the recipe: name=value.", rich_help_panel=TRAINING),
    ] = None,
    search: Annotated[
        list[str] | None,
        Option(
            help="Search a field of the recipe: name=uniform(A,B), loguniform(A,B), randint(A,B) or"
            " choice(A,B,...); --trials draws a candidate.",
            rich_help_panel=TRAINING,
        ),
    ] = None,
    seeds: Annotated[
        int, Option(min=1, help="Trainings a candidate.", rich_help_panel=TRAINING)
    ] = 1,
    seed: Annotated[
        int, Option(min=0, help="The first; also of all sampling.", rich_help_panel=TRAINING)
    ] = 0,
    resolution: Annotated[
        int | None, Option(min=8, help="Side of the images.", rich_help_panel=TRAINING)
    ] = None,
    on_bad_image: Annotated[str, Option(help="stop or skip.", rich_help_panel=TRAINING)] = "stop",
    scheduler: Annotated[
        str, Option(help="none, asha, hyperband, median or pbt.", rich_help_panel=TRAINING)
    ] = "none",
    grace: Annotated[
        int, Option(min=1, help="Epochs before any trial is stopped.", rich_help_panel=TRAINING)
    ] = 1,
    top: Annotated[
        int, Option(min=1, help="Candidates of a run folder.", rich_help_panel=CANDIDATES)
    ] = 8,
    trials: Annotated[
        int, Option(min=1, help="Proposals of a space or of --search.", rich_help_panel=CANDIDATES)
    ] = 8,
    sampler: Annotated[
        str,
        Option(help="tpe, nsga2, evolution or random.", rich_help_panel=CANDIDATES),
    ] = "tpe",
    budget: Annotated[
        str | None,
        Option(help="FLOPs of a space's candidates, such as 450M.", rich_help_panel=CANDIDATES),
    ] = None,
    budget_unit: Annotated[
        Literal["flops", "macs"],
        Option(help="What --budget counts.", rich_help_panel=CANDIDATES),
    ] = "flops",
    max_params: Annotated[
        str | None, Option(help="Of a space's candidates.", rich_help_panel=CANDIDATES)
    ] = None,
    cpus_per_trial: Annotated[
        float, Option(help="Torch has as many threads.", rich_help_panel=WHERE)
    ] = 1.0,
    gpus_per_trial: Annotated[
        float, Option(min=0, help="Fractions share a GPU.", rich_help_panel=WHERE)
    ] = 0.0,
    max_concurrent: Annotated[
        int | None, Option(min=1, help="Trials at once; default: what fits.", rich_help_panel=WHERE)
    ] = None,
    ray_address: Annotated[
        str | None,
        Option(
            help="HOST:PORT, auto or local; default: RAY_ADDRESS, else local.",
            rich_help_panel=WHERE,
        ),
    ] = None,
    max_failures: Annotated[
        int, Option(min=0, help="Times that a lost trial goes on.", rich_help_panel=WHERE)
    ] = 2,
    retry_failed: Annotated[
        bool, Option("--retry-failed", help="Try failed trials again.", rich_help_panel=WHERE)
    ] = False,
    latency: Annotated[
        Literal["onnxruntime", "torch"],
        Option(help="What is timed in the end: exported files; torch: eager torch as well."),
    ] = "onnxruntime",
    out: Annotated[
        Path | None, Option(help="Run folder; default results/runs/tune-<first source>.")
    ] = None,
    status: Annotated[
        Path | None, Option(help="Only show where the tuning in this folder stands.")
    ] = None,
    json: Annotated[bool, Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Train candidates fully and rank them by measured accuracy.

    A name that is a preset and a space means the preset, with --budget the space; space:NAME is
    always the space. The same command on the same folder goes on where it stopped; with a further
    SOURCE, or more --seeds, --trials, --top or --epochs, it extends what is trained.

    Example: nasfer tune results/runs/zennet_m-450M-seed0 --top 4 --epochs 3 --seeds 2
    """
    if status is not None:
        _status(status, as_json=json)
        return
    if not sources:
        raise BadParameter("SOURCE: a run folder, preset, structure, file or space is needed")
    from nasfer import api
    from nasfer.cli.tune_progress import tune_watch
    from nasfer.tuning.asking.asking import name_of
    from nasfer.tuning.asking.ranges import parse_search

    folder = out or RUNS / f"tune-{name_of(sources)}"
    with tune_watch() as watch:
        table = api.tune(
            sources, data, out=folder, recipe=recipe,
            options=recipe_options(option or [], epochs=epochs), budget=budget,
            budget_unit=budget_unit, max_params=max_params,
            cpus_per_trial=cpus_per_trial, gpus_per_trial=gpus_per_trial,
            max_concurrent=max_concurrent, ray_address=ray_address, max_failures=max_failures,
            retry_failed=retry_failed, latency=latency,
            command=shlex.join(["nasfer", *sys.argv[1:]]), watch=watch, note=note,
            resolution=resolution, on_bad_image=on_bad_image, seeds=seeds, seed=seed, top=top,
            trials=trials, sampler=sampler, search=parse_search(search or []), scheduler=scheduler,
            grace=grace,
        )  # fmt: skip
    _show(table, folder, as_json=json)
    if table.empty:
        raise Exit(1)


def _show(table: pd.DataFrame, folder: Path, *, as_json: bool) -> None:
    from nasfer.report import shown_ended, unlearnt
    from nasfer.report.tunings.files import read_failures

    failures, warnings = table_rows(read_failures(folder)), unlearnt(table)
    if as_json:
        results = table.drop(columns=["confusion", "class_names"]).to_json(orient="records")
        echo_json({"folder": str(folder), "results": loads(results), "failures": failures,
                   "warnings": warnings})  # fmt: skip
        return
    if len(table):
        show_table(
            "Trained; chosen on validation, best first; test reported",
            table_rows(shown_ended(table)),
            first_out=LESSER,
            all_in=f"{folder}/results.csv",
        )
    for line in warnings:
        warn(line)
    if failures:
        show_table("Failed", failures, all_in=f"{folder}/failures.csv")
    names = ("results.csv", "failures.csv", "report.html", "trials")
    echo(f"in {folder}: {', '.join(name for name in names if (folder / name).exists())}")


def _status(folder: Path, *, as_json: bool) -> None:
    from nasfer.tuning.status import read_status

    found = read_status(folder)
    if as_json:
        echo_json(found.plain())
        return
    echo(found.line())
    if found.rows:
        best = "best val accuracy"
        shown = [
            {**row, best: "" if row[best] is None else f"{row[best]:.1%}"} for row in found.rows
        ]
        show_table(f"Trials of {folder}", shown)
