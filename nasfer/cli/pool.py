"""``nasfer pool``: trained networks as a table that anyone can read, and what is in one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Argument, Option

from nasfer.cli.options import AsJson, Overwrite
from nasfer.cli.output import echo, echo_json, show_table
from nasfer.quantity import format_quantity

app = typer.Typer(
    help="Trained networks, to hold scores against and to learn from.",
    epilog="Example: nasfer pool export results/runs/tune-fer2013 --out pool.csv",
    rich_markup_mode="rich",
)

Pools = Annotated[
    list[str],
    Argument(
        metavar="POOL...",
        help="Run folders of `nasfer tune`; CSV files with the columns structure and accuracy;"
        " public tables, nas_bench_macro:FILE or accel_nasbench:FILE.",
    ),
]
Mixed = Annotated[
    bool, Option("--mixed", help="Allow several data sets, sizes and recipes in one pool.")
]


@app.command("export")
def export(
    pools: Pools,
    out: Annotated[Path, Option(help="File to write, .csv.")] = Path("pool.csv"),
    mixed: Mixed = False,
    overwrite: Overwrite = False,
) -> None:
    """Write trained networks as a CSV file: one row each, seeds joined.

    Accuracies of tune runs are those of the validation split.

    Example: nasfer pool export results/runs/tune-one results/runs/tune-two --out pool.csv
    """
    from nasfer.pools import read_pool, write_pool
    from nasfer.runs.outputs import outputs

    with outputs([out], overwrite=overwrite):
        pool = read_pool(*pools, mixed=mixed)
        write_pool(pool, out)
    echo(f"written: {out}, {len(pool)} networks")


@app.command("show")
def show(pools: Pools, mixed: Mixed = False, json: AsJson = False) -> None:
    """Show what is in a pool: how many networks, which accuracies, costs, families, what noise.

    Example: nasfer pool show nas_bench_macro:nas-bench-macro_cifar10.json
    """
    from nasfer.pools import read_pool
    from nasfer.pools.summary import summary

    found = summary(read_pool(*pools, mixed=mixed))
    if json:
        echo_json(found)
        return
    rows = [{"": name, "value": value} for name, value in _shown(found).items()]
    show_table(f"Pool {found['name']}", rows)


def _shown(found: dict[str, Any]) -> dict[str, str]:
    def quantities(name: str) -> str:
        return "{} to {}, half of them up to {}".format(
            *(format_quantity(found[name][i]) for i in (0, 2, 1))
        )

    low, median, high = found["accuracy"]
    noise, size = found["noise"], found["resolution"]
    families = (f"{family} ({count:,})" for family, count in found["families"].items())
    return {
        "networks": f"{found['networks']:,}, of {found['trainings']:,} trainings",
        "accuracy": f"{low:.2f} % to {high:.2f} %, half of them up to {median:.2f} %",
        "noise of a seed": "unknown: none was trained twice"
        if noise is None
        else f"{noise:.2f} %, {found['signal_to_noise'] or 0:.1f} times less than networks differ",
        "FLOPs": quantities("flops"),
        "params": quantities("params"),
        "families": ", ".join(families),
        "training losses": f"of {found['losses']:,}",
        "data": found["dataset"] or "not one, or not said",
        "resolution": f"{size} px" if size else "not one",
        "recipe": found["recipe"] or "not one, or not said",
    }
