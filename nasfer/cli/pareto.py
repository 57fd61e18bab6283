"""``nasfer pareto``: front tables and plots of one run or several, of searches or of trainings."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from nasfer.cli.options import Overwrite, comma_list
from nasfer.cli.output import echo, echo_json, show_table, table_rows
from nasfer.cli.tune import LESSER
from nasfer.errors import SpecError

if TYPE_CHECKING:
    from nasfer.report import Front


def pareto(
    runs: Annotated[list[Path], Argument(help="Run folders, all of searches or all of trainings.")],
    x: Annotated[
        str, Option(help="flops, macs, params, layers; of trainings also latency, ...")
    ] = "flops",
    y: Annotated[
        str | None,
        Option(
            help="Of searches: zen (default), ...; of trainings: val_accuracy (default), accuracy"
            " (which chooses on the test split), macro_f1, zen, checkpoint_size, ..."
        ),
    ] = None,
    format: Annotated[
        str, Option(help="Files to write, of csv,md,tex,png,pdf,html (html: trainings only).")
    ] = "csv,md,tex,png",
    out: Annotated[
        Path | None, Option(help="Folder for the files; default: the first run folder.")
    ] = None,
    printed: Annotated[
        bool, Option("--printed", help="Add the papers' figures, as rows that are on no front.")
    ] = False,
    reference: Annotated[
        str | None, Option(help="Hypervolume's reference point, X,Y; fractions for accuracies.")
    ] = None,
    overwrite: Overwrite = False,
    json: Annotated[bool, Option("--json", help="Print the front as JSON.")] = False,
) -> None:
    """Write the Pareto front of all networks in some run folders: pareto.csv, .md, .tex, .png.

    Of `nasfer tune` runs the tables hold all candidates, the dominated ones marked, mean and
    spread over seeds, and pareto_failures.csv holds the failed trials.

    Example: nasfer pareto results/runs/zennet_m-450M-seed0 --x params --format csv,png
    """
    from nasfer import api

    formats = comma_list(format)
    point = None if reference is None else _point(reference)
    front = api.pareto(
        runs, x, y, formats=formats, out=out, printed=printed, reference=point, overwrite=overwrite
    )
    trained = "confusion" in front.table
    if json:
        _show_json(front, trained=trained)
        return
    everything = str((out or runs[0]) / "pareto.csv") if "csv" in formats else "--json"
    if trained:
        _show_trained(front, everything)
    else:
        title = f"Pareto front: {front.y} against {front.x}"
        show_table(title, table_rows(front.rows), all_in=everything)
    names = [f"pareto.{name}" for name in formats]
    names += ["pareto_failures.csv"] if len(front.failures) else []
    echo(f"written: {', '.join(str((out or runs[0]) / name) for name in names)}")


def _point(text: str) -> tuple[float, float]:
    try:
        x, y = map(float, text.split(","))
    except ValueError:
        raise SpecError(f"`reference`: {text!r} is not two numbers X,Y") from None
    return x, y


def _show_trained(front: Front, everything: str) -> None:
    from nasfer.report import shown_trained
    from nasfer.report.tunings.texts import HEADINGS

    first_out = [one for one in LESSER if one not in {HEADINGS.get(front.x), HEADINGS.get(front.y)}]
    rows = table_rows(shown_trained(front, brief=True))
    show_table(f"{front.y} against {front.x}", rows, first_out=first_out, all_in=everything)
    echo(front.sentence)
    if len(front.failures):
        show_table("Failed trials", table_rows(front.failures), all_in="pareto_failures.csv")


def _show_json(front: Front, *, trained: bool) -> None:
    if not trained:
        echo_json(front.rows.to_dict("records"))
        return
    rows = front.table.drop(columns=["confusion", "class_names"]).to_json(orient="records")
    echo_json({
        "x": front.x, "y": front.y, "hypervolume": front.hypervolume,
        "reference": list(front.reference), "candidates": jsonlib.loads(rows),
        "failed": table_rows(front.failures),
    })  # fmt: skip
