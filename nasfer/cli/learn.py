"""``nasfer learn``: learn to predict accuracy from networks that were trained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from nasfer.cli.options import AsJson
from nasfer.cli.output import echo, echo_json, show_table

if TYPE_CHECKING:
    from nasfer.report.predictions.learnt import Learnt

SHOWN = {
    "tau": "Kendall tau-b", "tau_band": "within the budget band", "tau_top": "best tenth",
    "precision_at_10": "precision at 10", "regret": "regret (points)",
}  # fmt: skip


def learn(
    pool: Annotated[
        list[str],
        Argument(
            help="Run folders of `nasfer tune`, CSV files (structure, accuracy), or public tables"
            " (nas_bench_macro:FILE, accel_nasbench:FILE)."
        ),
    ],
    out: Annotated[
        Path | None, Option(help="JSON file for the predictor; the plot stands beside it as .png.")
    ] = None,
    predictor: Annotated[
        str, Option(help="gp, ridge, forest; auto: the best of them by cross-validation.")
    ] = "auto",
    sample: Annotated[
        int | None, Option(min=1, help="Networks drawn to learn from; the others are judged.")
    ] = None,
    repeats: Annotated[int, Option(min=1, help="Draws of a sample.")] = 1,
    budget: Annotated[
        str | None,
        Option(
            help="FLOPs B: the band is 0.85 B to B, samples are of 0.75 B to B; default: the"
            " largest judged network's."
        ),
    ] = None,
    seed: Annotated[int, Option(min=0, help="Of all that is drawn.")] = 0,
    mixed: Annotated[
        bool, Option("--mixed", help="Allow several data sets and recipes in one pool.")
    ] = False,
    plot: Annotated[
        Path | None, Option(help="Plot of predicted against measured, .png or .pdf.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Learn to predict accuracy, and tell how well networks not learnt from are ordered.

    The figures stand beside those of every score that needs no training, with 95 % intervals over
    networks. `nasfer search --proxy predictor:FILE` then searches by it.

    Example: nasfer learn results/runs/tune-faces --out predictor.json
    """
    from nasfer import api
    from nasfer.cli.progress import counting

    with counting("learning", always=False) as watch:
        learnt = api.learn(
            pool, out, predictor=predictor, sample=sample, repeats=repeats, budget=budget,
            seed=seed, mixed=mixed, plot=plot, watch=watch,
        )  # fmt: skip
    if json:
        echo_json(learnt.plain())
        return
    _show(learnt)
    if out is not None:
        echo(f"written: {out}, {plot or out.with_suffix('.png')}")
        echo(f"search by it: nasfer search --proxy predictor:{out} --resolution {_size(learnt)}")


def _size(learnt: Learnt) -> int:
    return learnt.predictor.about.resolution


def _show(learnt: Learnt) -> None:
    about, data = learnt.predictor.about, learnt.plain()
    draws = f", mean of {data['repeats']} draws" if data["repeats"] > 1 else ""
    show_table(
        f"How scores order {data['judged']} networks not learnt from ({data['method']}{draws})",
        [{"score": name, **_cells(learnt.figures(name))} for name in learnt.names()],
    )
    names = data["features"]
    echo(
        f"{data['model']} learnt from {about.networks} networks of {about.pool} at"
        f" {about.resolution} px, {len(names)} features"
    )
    if about.noise is not None:
        echo(f"a seed moves an accuracy by {about.noise:.2f} points (standard deviation)")
    for name in learnt.names():
        if learnt.unscored(name):
            echo(f"{name}: {learnt.unscored(name)} networks not scored, and left out")


def _cells(figures: dict[str, Any]) -> dict[str, str]:
    cells = {}
    for name, title in SHOWN.items():
        value, low, high = (figures[name + ending] for ending in ("", "_low", "_high"))
        interval = "" if low is None else f" [{low:.2f}, {high:.2f}]"
        cells[title] = "" if value is None else f"{value:.3f}{interval}"
    return cells
