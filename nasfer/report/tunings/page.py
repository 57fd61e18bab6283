"""One self-contained HTML page of tune runs: tables, plot, confusion, structures, failures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from nasfer.packages import needs
from nasfer.report.front import find_front
from nasfer.report.measures import (
    CHOSEN_BY,
    COUNTS,
    LABELS,
    LOWER_IS_BETTER,
    MEASURED,
    OF_TEST,
    shown_scale,
)
from nasfer.report.published import printed_table
from nasfer.report.tunings.again import train_commands
from nasfer.report.tunings.failures import failures_table
from nasfer.report.tunings.table import COSTS, ONCE, read_trained, run_names
from nasfer.report.tunings.texts import (
    HEADINGS,
    WORDS,
    shown_printed,
    shown_trained,
)
from nasfer.runs.atomic import make_folder
from nasfer.runs.folder import write_atomic
from nasfer.runs.tunings import TuneRun, Tunings, open_tunings


def write_page(runs: Tunings, path: str | Path, x: str = "flops", y: str = CHOSEN_BY) -> None:
    """Write the page of one tune run or several of the same data.

    It works without a network and asks for nothing outside of itself; text of the runs is escaped.

    Args:
        runs: tune runs, or their folders; one may stand alone.
        path: HTML file; its folder is made.
        x: metric that the plot opens with; the reader can choose others.
        y: likewise; validation by default. By a figure of the test split the front is chosen on it,
            and the page says so.
    Raises:
        RunFolderError: as `trained_table`, or the file cannot be written.
        UnknownNameError: no such metric.
    """
    with needs("report"):
        from jinja2 import Environment, StrictUndefined
        from markupsafe import Markup

    opened, path = open_tunings(runs), Path(path)
    front = find_front(read_trained(opened), x, y)
    files = resources.files("nasfer.report.tunings") / "page_files"
    texts = {name: (files / f"page.{name}").read_text() for name in ("html", "css", "js")}
    shown = shown_trained(front)
    shown.insert(0, "network", shown.pop("network"))  # the row's heading comes first
    names = run_names([one.folder for one in opened])
    settings = {
        name: {"command": one.run.record.get("command"), **one.run.settings}
        for name, one in zip(names, opened)
    }
    printed = shown_printed(printed_table())
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    html = environment.from_string(texts["html"]).render(
        title=f"Trained networks: {', '.join(names)}",
        css=Markup(texts["css"]),
        js=Markup(texts["js"]),
        front=front,
        columns=[{"heading": name, "number": _is_number(str(name))} for name in shown],
        rows=[_row(front.table, shown, settings, names[0], index) for index in range(len(shown))],
        printed=printed.to_numpy().tolist(),
        printed_columns=list(printed),
        failures=failures_table(opened).to_dict("records"),
        runs=[_facts(one) for one in opened],
        data=_plot_data(front.table, front.x, front.y),
    )
    make_folder(path.parent)
    write_atomic(path, html)


def _is_number(heading: str) -> bool:
    return heading not in {HEADINGS.get(word, word) for word in WORDS}


def _row(
    table: pd.DataFrame, shown: pd.DataFrame, settings: dict[str, Any], run: str, index: int
) -> dict[str, Any]:
    row = table.iloc[index]
    columns = {heading: column for column, heading in HEADINGS.items()}
    cells = []
    for heading in shown:
        name = str(heading)
        column = columns.get(name, name)
        exact: Any = row[column] if column in table and _is_number(name) else None
        missing = exact is None or pd.isna(exact)
        text = shown.at[index, heading]
        cells.append({
            "text": text, "number": _is_number(name), "front": name == "front",
            "value": ("" if _is_number(name) else text) if missing else repr(float(exact)),
        })  # fmt: skip
    commands = train_commands(
        settings[row.get("run", run)], row["name"], row["structure"],
        config=row["config"], epochs=int(row["epochs"]), seeds=row["seed_list"],
    )  # fmt: skip
    return {
        "index": index, "cells": cells, "command": "\n".join(commands),
        "confusion": [_parts(line) for line in row["confusion"]],
        **{
            name: row[name]
            for name in ("name", "digest", "config", "structure", "checkpoint", "dominated",
                         "seeds", "class_names")
        },
    }  # fmt: skip


def _parts(line: Sequence[int]) -> list[dict[str, int]]:
    """Cells of a row of the confusion matrix: counts, and percent of the row."""
    return [{"count": n, "percent": round(100 * n / max(sum(line), 1))} for n in line]


def _facts(tuned: TuneRun) -> dict[str, Any]:
    """What ``run.yaml`` says, as pairs; the command first, then settings, versions, the rest."""
    record = dict(tuned.run.record)
    command, versions = str(record.pop("command", "")), record.pop("versions", {})
    extended = list(tuned.run.extended) or None
    said = {
        "command": command, **tuned.run.settings, "extended": extended, **record,
        "versions": versions,
    }  # fmt: skip
    facts = [(name, _words(value)) for name, value in said.items() if value not in (None, "", {})]
    return {
        "folder": str(tuned.folder), "command": command, "finished": tuned.run.finished,
        "facts": facts,
    }  # fmt: skip


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(part)}" for name, part in value.items())
    return ", ".join(map(_words, value)) if isinstance(value, list | tuple) else str(value)


def _plot_data(table: pd.DataFrame, x: str, y: str) -> dict[str, Any]:
    """Numbers for the plot: metrics that have a value, and each row's values as they are."""
    known = dict.fromkeys([*COSTS, *ONCE, *MEASURED, x, y])
    names = [name for name in known if table[name].notna().any()]
    wanted = [*names, *(f"{name}_std" for name in names if f"{name}_std" in table)]
    rows = [
        {
            "index": index, "name": row["name"], "kind": row["kind"], "seeds": int(row["seeds"]),
            "structure": row["structure"],
            "values": {name: _number(row[name]) for name in wanted},
        }
        for index, (_, row) in enumerate(table.iterrows())
    ]  # fmt: skip
    metrics = [
        {
            "key": name, "label": LABELS.get(name, name), "scale": shown_scale(name),
            "lower": name in LOWER_IS_BETTER, "log": name in COUNTS,
            "test": name in OF_TEST, "validation": name == CHOSEN_BY,
        }
        for name in names
    ]  # fmt: skip
    return {"metrics": metrics, "rows": rows, "x": x, "y": y}


def _number(value: Any) -> float | None:
    if pd.isna(value) or not math.isfinite(float(value)):
        return None
    return float(value)
