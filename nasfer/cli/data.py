"""``nasfer data``: which data sets can be read, what is wrong with one, what is in it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

from nasfer.cli.once import Commands
from nasfer.cli.options import AsJson, Overwrite
from nasfer.cli.output import echo, echo_json, show_table
from nasfer.cli.progress import counting

if TYPE_CHECKING:
    from nasfer.data import Check

SHOWN_FAULTS = 50
"""Faults listed without --json."""

app = typer.Typer(
    cls=Commands,
    help="Look at data sets before you train on them.",
    epilog="Example: nasfer data check ferplus:FERPlus,rules=microsoft",
    rich_markup_mode="rich",
)

Spec = Annotated[
    str, Argument(metavar="DATA", help="NAME[:PATH][,option=value...]; see nasfer data list.")
]


@app.command("check")
def check(data: Spec, json: AsJson = False) -> int:
    """Read every image: list damaged, missing, duplicate, leaking and mislabelled ones.

    Duplicates show the same pixels; leakage is one in another split, mislabelled is one
    of another class. With limit= or drop= it looks at what is read then, and says how many
    are left out. Exit 1 if there is any fault.

    Example: nasfer data check rafdb:RAF-DB,convention=emo_net
    """
    from nasfer.data import check_data

    with counting("reading") as watch:
        found = check_data(data, watch=watch)
    if json:
        echo_json(asdict(found) | {"summary": _summary(found)})
    else:
        _show(found)
    return 1 if found.faults else 0


@app.command("show")
def show(
    data: Spec,
    out: Annotated[Path, Option(help="PNG file to write.")] = Path("sheet.png"),
    per_class: Annotated[int, Option(help="Faces a class and split.", min=1, max=100)] = 8,
    seed: Annotated[int, Option(help="Of the choice of faces, and of splits that are drawn.")] = 0,
    overwrite: Overwrite = False,
) -> None:
    """Draw some faces of every class and split on one sheet, with names and counts.

    Damaged images are left out; `nasfer data check` lists them.

    Example: nasfer data show folder:my_faces --out sheet.png --per-class 12
    """
    from nasfer.data import draw_sheet, load_data
    from nasfer.data.sheet import FACE
    from nasfer.runs.atomic import write_atomic
    from nasfer.runs.outputs import outputs

    with outputs([out], overwrite=overwrite):
        with counting("reading") as watch:
            faces = load_data(data, resolution=FACE, on_bad_image="skip", seed=seed, watch=watch)
        write_atomic(out, draw_sheet(faces, per_class=per_class, seed=seed))
    for note in faces.notes:
        echo(note)
    echo(f"written: {out}")


@app.command("list")
def show_data_sets(json: AsJson = False) -> None:
    """List the data sets that can be read, their layouts on disk and their options.

    Example: nasfer data list
    """
    from nasfer.data import DATASETS
    from nasfer.data.choice import COMMON, OF_FILES
    from nasfer.data.sets.renaming import MEANING, RENAME

    rows: list[dict[str, Any]] = [
        {
            "name": entry.name, "summary": entry.summary, "path": entry.needs_path,
            "layouts": list(entry.layouts),
            "options": {name: list(values) for name, values in entry.all_options.items()},
        }
        for entry in DATASETS
    ]  # fmt: skip
    if json:
        echo_json(rows)
        return
    for row in rows:
        row["layouts"] = "\n".join(row["layouts"])
        row["path"] = "yes" if row["path"] else "no"
        row["options"] = "\n".join(
            f"{name}={'|'.join(filter(None, values)) or '...'}"
            for name, values in row["options"].items()
            if name not in COMMON or name in DATASETS.get(row["name"]).options
        )
    show_table("Data sets (--data NAME[:PATH][,option=value...])", rows)
    for name, meaning in {**dict.fromkeys(RENAME, MEANING), **COMMON}.items():
        of = "class folders" if name in RENAME else "every set"
        echo(f"{name}=... (of {of}{' of files' if name in OF_FILES else ''}) {meaning}")


def _summary(found: Check) -> dict[str, int]:
    kinds = [kind for fault in found.faults for kind in fault.kinds]
    return {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}


def _show(found: Check) -> None:
    classes = next(iter(found.counts.values()))
    rows = [
        {"class": name, **{split: counts[name] for split, counts in found.counts.items()}}
        for name in classes
    ]
    total = {split: sum(counts.values()) for split, counts in found.counts.items()}
    show_table("Images a class and split", [*rows, {"class": "all", **total}])
    for note in found.notes:
        echo(note)
    for fault in found.faults[:SHOWN_FAULTS]:
        if len(fault.images) == 1:
            echo(f"{fault.kinds[0]}: {fault.detail}")
        else:
            echo(f"{', '.join(fault.kinds)}: {' = '.join(fault.images)} ({fault.detail})")
    more = len(found.faults) - SHOWN_FAULTS
    if more > 0:
        echo(f"and {more:,} more; --json lists all")
    counted = ", ".join(f"{count:,} {kind}" for kind, count in _summary(found).items())
    echo(f"faults: {counted}" if counted else "no faults")
