"""``nasfer pareto``: front tables and a plot of one run or several."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from nasfer.cli.shown import echo, echo_json, show_table
from nasfer.errors import UnknownNameError

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("csv", "md", "tex", "png")


def pareto(
    runs: Annotated[list[Path], Argument(help="Run folders of finished searches.")],
    x: Annotated[str, Option(help="Cost: flops, macs, params or layers.")] = "flops",
    y: Annotated[str, Option(help="Score: zen, zen_mean, ...")] = "zen",
    format: Annotated[str, Option(help="Files to write, of csv,md,tex,png.")] = "csv,md,tex,png",
    out: Annotated[
        Path | None, Option(help="Folder for the files; default: the first run folder.")
    ] = None,
    json: Annotated[bool, Option("--json", help="Print the front as JSON.")] = False,
) -> None:
    """Write the Pareto front of all networks in some run folders: pareto.csv, .md, .tex, .png.

    Example: nasfer pareto results/runs/zennet_m-450M-seed0 --x params --format csv,png
    """
    from nasfer.report import pareto_front, plot_fronts, write_table

    formats = [name.strip() for name in format.split(",")]
    for name in formats:
        if name not in FORMATS:
            raise UnknownNameError(f"--format: unknown {name!r}; allowed: {', '.join(FORMATS)}")
    table = _read(runs)
    front = pareto_front(table, [x, y])
    folder = out or runs[0]
    folder.mkdir(parents=True, exist_ok=True)
    for name in formats:
        path = folder / f"pareto.{name}"
        if name == "png":
            plot_fronts(table, [x], y, path, f"Pareto front of {len(table)} networks")
        else:
            write_table(front, path)
    if json:
        echo_json(front.to_dict("records"))
        return
    show_table(f"Pareto front: {y} against {x}", _rows(front))
    echo(f"written: {', '.join(str(folder / f'pareto.{name}') for name in formats)}")


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [dict(zip(map(str, table.columns), row)) for row in table.itertuples(index=False)]


def _read(runs: list[Path]) -> pd.DataFrame:
    """Join the fronts and candidates of all runs; a network that stands twice is kept once."""
    import pandas as pd

    from nasfer.report import read_tables

    tables = []
    for run in runs:
        candidates, front = read_tables(run)
        candidates = candidates.assign(zen=candidates["zen_closed_form"])
        both = pd.concat([front, candidates[front.columns]])
        tables.append(both.assign(run=run.name))
    joined = pd.concat(tables).drop_duplicates("digest").reset_index(drop=True)
    return joined[["run", *(name for name in joined.columns if name != "run")]]
