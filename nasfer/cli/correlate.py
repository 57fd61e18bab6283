"""``nasfer correlate``: do training-free scores order networks as trainings do?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from nasfer.cli.options import AsJson, Overwrite, TuneRuns
from nasfer.cli.output import echo, echo_json, show_table

if TYPE_CHECKING:
    import pandas as pd


def correlate(
    runs: TuneRuns,
    proxy: Annotated[
        list[str] | None,
        Option(
            help="A name of `nasfer proxies`, several times; default: zen_closed_form, flops,"
            " params."
        ),
    ] = None,
    metric: Annotated[str, Option(help="Measured figure, the mean over seeds.")] = "accuracy",
    resolution: Annotated[
        int | None, Option(min=1, help="Of computed proxies, pixels; default: the run's.")
    ] = None,
    seed: Annotated[int, Option(min=0, help="Of the bootstrap.")] = 0,
    out: Annotated[
        Path | None, Option(help="Table to write, .csv or .md; the plot stands beside it as .png.")
    ] = None,
    overwrite: Overwrite = False,
    json: AsJson = False,
) -> None:
    """Kendall tau-b and Spearman between proxies and measured figures, with 95 % intervals.

    Intervals are of 1,000 bootstrap resamples of the candidates.

    Example: nasfer correlate results/runs/tune-fer2013 --proxy zen_closed_form --proxy flops
    """  # fmt: skip
    from nasfer import api

    names = {"proxies": proxy} if proxy else {}
    found = api.correlate(
        runs, metric=metric, resolution=resolution, seed=seed, out=out, overwrite=overwrite, **names
    )
    if json:
        echo_json(found.to_dict("records"))
        return
    show_table(
        "Rank correlation with 95 % intervals over candidates",
        [_shown(row) for _, row in found.iterrows()],
    )
    if out is not None:
        echo(f"written: {out}, {out.with_suffix('.png')}")


def _shown(row: pd.Series) -> dict[str, object]:
    def interval(name: str) -> str:
        return f"{row[name]:.3f} [{row[f'{name}_low']:.3f}, {row[f'{name}_high']:.3f}]"

    return {
        "proxy": row["proxy"], "metric": row["metric"], "candidates": row["candidates"],
        "Kendall tau-b": interval("kendall_tau_b"), "Spearman": interval("spearman_rho"),
    }  # fmt: skip
