"""What ``nasfer search`` prints when it is done."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nasfer.cli.output import echo, echo_json, note, show_table

if TYPE_CHECKING:
    from nasfer.searching import SearchResult


UNTRAINED = (
    "no score of untrained networks orders accuracy on faces (results/proxies.md):"
    " nasfer learn makes one of networks that were trained, for --proxy predictor:FILE"
)
NOT_COMPARABLE = "scores are not comparable between families, so tune the best of each"


def show_found(
    result: SearchResult,
    folder: Path,
    *,
    as_json: bool,
    with_value: bool = False,
    learnt: bool = False,
) -> None:
    """Print the ranking, for a space of several families also the best of each.

    Args:
        with_value: show the objective's value, where the user chose the proxy.
        learnt: the proxy is a predictor.
    """
    rows: list[dict[str, Any]] = [
        {"rank": rank, **candidate.row(with_value=with_value)}
        for rank, candidate in enumerate(result.candidates, 1)
    ]
    several = result.chosen_family is not None
    if as_json:
        data: dict[str, Any] = {
            "folder": str(folder),
            "candidates": rows,
            "failures": result.failures,
        }
        if several:
            data |= {"chosen_family": result.chosen_family, "families": result.family_rows()}
        echo_json(data)
        return
    title = "Best networks found (FLOPs: one multiply-add is one, one image)"
    shown = [{"rank": row["rank"], **_shown(row)} for row in rows]
    first_out = ("closed form", "layers")
    show_table(title, shown, first_out=first_out, all_in=f"{folder}/candidates.csv")
    if several:
        shown = [_shown(row) for row in result.family_rows() if not row["note"]]
        name = "Best of each family"
        show_table(name, shown, first_out=first_out, all_in=f"{folder}/families.csv")
        for family, reason in result.missing.items():
            echo(f"{family}: {reason}")
        echo(f"highest Zen-score: {result.chosen_family}; {NOT_COMPARABLE}:")
        echo(_tune_them(result))
    for text in _failures(result.failures):
        echo(text)
    echo(f"best structure: {result.best.arch}")
    names = f"candidates.csv, {'families.csv, ' if several else ''}front.csv, front.md, front.png"
    echo(f"tables and plot: {folder}/{names}")
    if not learnt:
        note(UNTRAINED)


def _tune_them(result: SearchResult) -> str:
    """Return the command that trains the best network of each family."""
    networks = [str(candidate.arch) for candidate in result.best_of_families()]
    return shlex.join(["nasfer", "tune", *networks, "--data", "NAME:PATH"])


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that people read; the measured score with its spread."""
    zen = None if row["zen_mean"] is None else f"{row['zen_mean']:.2f} ± {row['zen_std']:.2f}"
    counts = {name: row[name] for name in ("flops", "params", "layers")}
    value = {"objective": row["objective"]} if "objective" in row else {}
    shown = {
        "digest": row["digest"],
        **value,
        "zen": zen,
        "closed form": row["zen_closed_form"],
        **counts,
    }
    family = {"family": row["family"]} if "family" in row else {}
    return {**family, **shown}


def _failures(failures: list[dict[str, Any]]) -> list[str]:
    """Say each error once, with the number of networks that it befell."""
    befell: dict[str, list[str]] = {}
    for failure in failures:
        befell.setdefault(failure["error"], []).append(failure["digest"])
    return [
        f"not scored: {digests[0]}{_others(len(digests) - 1)}: {error}"
        for error, digests in befell.items()
    ]


def _others(count: int) -> str:
    return f" and {count} more" if count else ""
