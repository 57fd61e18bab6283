"""``nasfer search``: find networks within a budget."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal

from typer import Option

from nasfer.cli.found import show_found
from nasfer.cli.options import Device
from nasfer.cli.output import note
from nasfer.runs.naming import RUNS, short_name

LIMITS = "Limits (a number with suffix k, M, G; 'none' lifts the space's default)"
OBJECTIVE = "Objective"
RUN = "Run"


def search(
    budget: Annotated[
        str | None, Option(help="FLOPs of one image, such as 450M (one multiply-add is one).")
    ] = None,
    space: Annotated[str, Option(help="Space by name, or a YAML file of your own.")] = "zennet_m",
    budget_unit: Annotated[
        Literal["flops", "macs"], Option(help="What --budget counts.")
    ] = "flops",
    max_params: Annotated[str | None, Option(help="Parameters.", rich_help_panel=LIMITS)] = None,
    max_layers: Annotated[
        str | None, Option(help="Layers, as ZenNAS counts.", rich_help_panel=LIMITS)
    ] = None,
    max_flops: Annotated[str | None, Option(help="FLOPs.", rich_help_panel=LIMITS)] = None,
    max_macs: Annotated[
        str | None, Option(help="Conv and linear multiply-adds.", rich_help_panel=LIMITS)
    ] = None,
    max_rho: Annotated[
        str | None, Option(help="DeepMAD effectiveness; its paper: 0.5.", rich_help_panel=LIMITS)
    ] = None,
    min_map: Annotated[
        str | None, Option(help="Side of the last map, cells, at least.", rich_help_panel=LIMITS)
    ] = None,
    max_map: Annotated[
        str | None, Option(help="Side of the last map, cells, at most.", rich_help_panel=LIMITS)
    ] = None,
    proxy: Annotated[
        str | None,
        Option(
            help="What proposals are scored by (nasfer proxies), or predictor:FILE of nasfer learn;"
            " default: the space's.",
            rich_help_panel=OBJECTIVE,
        ),
    ] = None,
    proxy_weight: Annotated[
        float, Option(help="Weight of the proxy.", rich_help_panel=OBJECTIVE)
    ] = 1.0,
    deepmad_weight: Annotated[
        float, Option(help="Weight of log(DeepMAD entropy).", rich_help_panel=OBJECTIVE)
    ] = 0.0,
    depth_penalty: Annotated[
        float, Option(help="Weight of exp(std of depths); paper: 5.", rich_help_panel=OBJECTIVE)
    ] = 0.0,
    strategy: Annotated[
        str, Option(help="evolution or random.", rich_help_panel=RUN)
    ] = "evolution",
    proxy_resolution: Annotated[
        int | None,
        Option(min=1, help="Images on which proposals are scored.", rich_help_panel=OBJECTIVE),
    ] = None,
    proxy_batch: Annotated[
        int | None,
        Option(min=2, help="Images a draw of a proposal's score.", rich_help_panel=OBJECTIVE),
    ] = None,
    data: Annotated[
        str | None,
        Option(help="Faces, NAME[:PATH], for proxies that read them.", rich_help_panel=OBJECTIVE),
    ] = None,
    device: Device = "auto",
    iterations: Annotated[
        int | None,
        Option(min=1, help="Proposals; default: the space's, 480,000.", rich_help_panel=RUN),
    ] = None,
    population: Annotated[
        int | None,
        Option(min=2, help="Members kept; default: the space's, 512.", rich_help_panel=RUN),
    ] = None,
    seed: Annotated[int, Option(min=0, help="Of all proposals.", rich_help_panel=RUN)] = 0,
    resolution: Annotated[
        int, Option(min=1, help="Side of the images, pixels.", rich_help_panel=RUN)
    ] = 224,
    batch: Annotated[int, Option(min=2, help="Images a measured draw.", rich_help_panel=RUN)] = 16,
    top: Annotated[
        int, Option(min=0, help="Best candidates to measure.", rich_help_panel=RUN)
    ] = 10,
    repeats: Annotated[
        int, Option(min=1, help="Measured draws a candidate.", rich_help_panel=RUN)
    ] = 3,
    out: Annotated[
        Path | None,
        Option(
            help="Run folder; default results/runs/<space>-<budget>-seed<seed>.",
            rich_help_panel=RUN,
        ),
    ] = None,
    json: Annotated[bool, Option("--json", help="Print the ranking as JSON.")] = False,
) -> None:
    """Search a space for the best networks within a budget, without training.

    Proposals are scored by the Zen-score in closed form; the best are measured and ranked. The same
    command on the same folder goes on where it stopped; with more --iterations or --top, a finished
    search too. A space of several families (fer) names the
    family it chose and shows the best of each.

    Example: nasfer search --space zennet_r --budget 446M --max-layers 10
    """
    from nasfer import api
    from nasfer.cli.progress import watching

    folder = out or RUNS / f"{short_name(Path(space).stem)}-{budget or 'none'}-seed{seed}"
    with watching() as watch:
        result = api.search(
            space, budget, budget_unit=budget_unit, max_params=max_params, max_layers=max_layers,
            max_flops=max_flops, max_macs=max_macs, max_rho=max_rho, min_map=min_map,
            max_map=max_map, proxy=proxy,
            proxy_weight=proxy_weight, deepmad_weight=deepmad_weight, depth_penalty=depth_penalty,
            proxy_resolution=proxy_resolution, proxy_batch=proxy_batch, data=data, device=device,
            strategy=strategy, iterations=iterations, population=population, seed=seed,
            resolution=resolution, batch=batch, top=top, repeats=repeats, out=folder,
            command=shlex.join(["nasfer", *sys.argv[1:]]), watch=watch, note=note,
        )  # fmt: skip
    learnt = proxy is not None and proxy.startswith("predictor:")
    show_found(result, folder, as_json=json, with_value=proxy is not None, learnt=learnt)
