"""The verdicts on presets as files: exact, and for reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from nasfer.runs.atomic import make_folder

if TYPE_CHECKING:
    from nasfer.verifying.presets import Verdict

NAMES = ("presets.csv", "presets.md")
"""What is written."""

SHOWN = {"params_gap": "{:+.2%}", "flops_gap": "{:+.2%}", "logits_gap": "{:.0e}"}
"""How gaps are written for reading."""


def write_verdicts(verdicts: Sequence[Verdict], folder: str | Path) -> None:
    """Write ``presets.csv`` (exact) and ``presets.md`` (for reading) into a folder.

    Args:
        verdicts: of `check_presets`.
        folder: made if missing.
    Raises:
        RunFolderError: a file cannot be written.
    """
    import pandas as pd

    from nasfer.report.tables import write_table

    folder = Path(folder)
    make_folder(folder)
    table = pd.DataFrame([asdict(verdict) for verdict in verdicts])
    table["faults"] = ["; ".join(faults) for faults in table["faults"]]
    write_table(table, folder / "presets.csv")
    for name, pattern in SHOWN.items():
        table[name] = ["" if pd.isna(gap) else pattern.format(gap) for gap in table[name]]
    write_table(table, folder / "presets.md")
