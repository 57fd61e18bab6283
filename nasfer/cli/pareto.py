"""``nasfer pareto``: front tables and plots of one run or several, of searches or of trainings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from nasfer.cli.output import echo, echo_json, show_table, table_rows
from nasfer.errors import RunFolderError, SpecError, UnknownNameError

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("csv", "md", "tex", "png", "pdf", "html")
SEARCH_FORMATS = ("csv", "md", "tex", "png", "pdf")


def pareto(
    runs: Annotated[list[Path], Argument(help="Run folders, all of searches or all of trainings.")],
    x: Annotated[
        str, Option(help="flops, macs, params, layers; of trainings also latency, ...")
    ] = "flops",
    y: Annotated[
        str | None,
        Option(
            help="Of searches: zen (default), ...; of trainings: accuracy (default),"
            " mean_class_accuracy, macro_f1, zen, checkpoint_size, ..."
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
    json: Annotated[bool, Option("--json", help="Print the front as JSON.")] = False,
) -> None:
    """Write the Pareto front of all networks in some run folders: pareto.csv, .md, .tex, .png.

    Of `nasfer tune` runs the tables hold all candidates, the dominated ones marked, mean and
    spread over seeds, and pareto_failures.csv holds the failed trials.

    Example: nasfer pareto results/runs/zennet_m-450M-seed0 --x params --format csv,png
    """
    from nasfer.report import is_tune_run

    tuned = [is_tune_run(run) for run in runs]
    if any(tuned) and not all(tuned):
        raise RunFolderError(
            f"{runs[tuned.index(False)]}: a search, {runs[tuned.index(True)]} holds trainings;"
            " give one sort"
        )
    formats = _formats(format, FORMATS if tuned[0] else SEARCH_FORMATS)
    folder = out or runs[0]
    if tuned[0]:
        _trained(runs, x, y or "accuracy", formats, folder, reference, printed, as_json=json)
        return
    for option, given in (("--printed", printed), ("--reference", reference)):
        if given:
            raise SpecError(f"{option}: for runs of `nasfer tune` only")
    _found(runs, x, y or "zen", formats, folder, as_json=json)


def _formats(text: str, allowed: tuple[str, ...]) -> list[str]:
    formats = [name.strip() for name in text.split(",")]
    for name in formats:
        if name not in allowed:
            raise UnknownNameError(f"--format: unknown {name!r}; allowed: {', '.join(allowed)}")
    return formats


def _found(
    runs: list[Path], x: str, y: str, formats: list[str], folder: Path, *, as_json: bool
) -> None:
    """The front of what searches found."""
    from nasfer.report import pareto_front, plot_fronts, write_table

    table = _read(runs)
    front = pareto_front(table, [x, y])
    folder.mkdir(parents=True, exist_ok=True)
    for name in formats:
        path = folder / f"pareto.{name}"
        if name in ("png", "pdf"):
            plot_fronts(table, [x], y, path, f"Pareto front of {len(table)} networks")
        else:
            write_table(front, path)
    if as_json:
        echo_json(front.to_dict("records"))
        return
    show_table(f"Pareto front: {y} against {x}", table_rows(front))
    echo(f"written: {', '.join(str(folder / f'pareto.{name}') for name in formats)}")


def _trained(
    runs: list[Path],
    x: str,
    y: str,
    formats: list[str],
    folder: Path,
    reference: str | None,
    printed: bool,
    *,
    as_json: bool,
) -> None:
    """The front of what was trained, with all dominated candidates."""
    from nasfer.report import failures_table, read_trained, shown_trained, trained_front
    from nasfer.report import write_trained_files as write

    point = None if reference is None else _point(reference)
    front = trained_front(read_trained(runs), x, y, point)
    written = write(runs, front, formats, folder, printed=printed)
    failures = [row for run in runs for row in table_rows(failures_table(run))]
    if as_json:
        rows = front.table.drop(columns=["confusion", "class_names"]).to_json(orient="records")
        import json

        echo_json({
            "x": front.x, "y": front.y, "hypervolume": front.hypervolume,
            "reference": list(front.reference), "candidates": json.loads(rows),
            "failed": failures,
        })  # fmt: skip
        return
    show_table(f"{front.y} against {front.x}", table_rows(shown_trained(front, brief=True)))
    echo(f"{front.sentence}")
    if failures:
        show_table("Failed trials", failures)
    echo(f"written: {', '.join(map(str, written))}")


def _point(text: str) -> tuple[float, float]:
    try:
        x, y = map(float, text.split(","))
    except ValueError:
        raise SpecError(f"--reference: {text!r} is not two numbers X,Y") from None
    return x, y


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
