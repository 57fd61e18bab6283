"""Candidates of a tune run that have learnt nothing: one plain line each."""

from __future__ import annotations

import pandas as pd

from nasfer.inference.chance import nothing_learnt


def unlearnt(table: pd.DataFrame) -> list[str]:
    """Return a line for each candidate whose test figures show nothing learnt.

    The faces of a candidate's seeds are counted together; candidates that have no confusion matrix,
    because they were stopped early, have no line.

    Args:
        table: `trained_table` or `ended_table`.
    Example:
        >>> names = ("fear", "anger")
        >>> row = {"name": "net", "confusion": ((2, 0), (2, 0)), "class_names": names}
        >>> unlearnt(pd.DataFrame([row]))
        ['net: nothing learnt: all 4 faces are predicted to be fear']
    """
    lines = []
    for name, confusion, classes in zip(table["name"], table["confusion"], table["class_names"]):
        line = nothing_learnt(confusion, classes) if len(confusion) else None
        if line is not None:
            lines.append(f"{name}: {line}")
    return lines
