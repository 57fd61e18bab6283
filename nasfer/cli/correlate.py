"""``nasfer correlate``: do scores order networks as trainings do?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from nasfer.cli.options import AsJson, Device, Overwrite
from nasfer.cli.output import echo, echo_json, show_table
from nasfer.cli.pool import Mixed, Pools
from nasfer.cli.progress import counting

if TYPE_CHECKING:
    import pandas as pd


def correlate(
    pools: Pools,
    proxy: Annotated[
        list[str] | None,
        Option(
            help="A name of `nasfer proxies`, several times; default: zen_closed_form, flops,"
            " params."
        ),
    ] = None,
    predictor: Annotated[
        list[Path] | None,
        Option(help="A file that `nasfer learn` wrote, several times; as --proxy predictor:FILE."),
    ] = None,
    metric: Annotated[
        str, Option(help="Measured figure, the mean over seeds; of tune runs: any.")
    ] = "accuracy",
    resolution: Annotated[
        int | None, Option(min=1, help="Of computed proxies, pixels; default: the pool's.")
    ] = None,
    budget: Annotated[
        str | None,
        Option(help="FLOPs such as 450M: the one band, from 0.85 of it; default: bands over all."),
    ] = None,
    repeats: Annotated[int, Option(min=1, help="Draws of a proxy that draws.")] = 1,
    batch: Annotated[int, Option(min=1, help="Images a draw.")] = 16,
    data: Annotated[
        str | None, Option(help="Faces, NAME[:PATH][,option=value...], for proxies that read them.")
    ] = None,
    device: Device = "auto",
    mixed: Mixed = False,
    seed: Annotated[int, Option(min=0, help="Of the bootstrap, and of proxies that draw.")] = 0,
    out: Annotated[
        Path | None,
        Option(
            help="Table to write, .csv or .md; the plot stands beside it as .png, scores that were"
            " measured as .scores.jsonl: the same command goes on with them."
        ),
    ] = None,
    overwrite: Overwrite = False,
    json: AsJson = False,
) -> None:
    """Kendall tau-b and Spearman between scores and measured figures, with 95 % intervals.

    Over all networks, within bands of FLOPs (0.85 B to B), and in the best tenth.
    Intervals are of 1,000 bootstrap resamples of the networks.

    Example: nasfer correlate results/runs/tune-fer2013 --proxy zen_closed_form --proxy flops
    """  # fmt: skip
    from nasfer import api

    asked = [*(proxy or []), *(f"predictor:{path}" for path in predictor or [])]
    names = {"proxies": asked} if asked else {}
    with counting("scoring", always=False) as watch:
        found = api.correlate(
            pools, metric=metric, resolution=resolution, budget=budget, repeats=repeats,
            batch=batch, data=data, device=device, mixed=mixed, seed=seed, out=out,
            overwrite=overwrite, watch=watch, **names,
        )  # fmt: skip
    if json:
        echo_json(found.astype(object).where(found.notna(), None).to_dict("records"))
        return
    show_table(
        "Rank correlation with 95 % intervals over networks",
        [_shown(row) for _, row in found.iterrows()],
    )
    if out is not None:
        echo(f"written: {out}, {out.with_suffix('.png')}")


def _shown(row: pd.Series) -> dict[str, object]:
    def interval(name: str) -> str:
        if row[name] != row[name]:  # too few networks, or all of one score
            return ""
        return f"{row[name]:.3f} [{row[f'{name}_low']:.3f}, {row[f'{name}_high']:.3f}]"

    scopes = {
        "Kendall tau-b": "kendall_tau_b", "Spearman": "spearman_rho",
        f"tau in {row['bands']} bands": "band_kendall_tau_b", "tau in the best tenth":
        "top_kendall_tau_b",
    }  # fmt: skip
    return {
        "proxy": row["proxy"], "metric": row["metric"], "candidates": row["candidates"],
        **{heading: interval(name) for heading, name in scopes.items()},
        "not scored": row["unscored"] or "",
    }  # fmt: skip
