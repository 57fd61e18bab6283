"""The verdicts on presets as files: exact, and for reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from nasfer.report.tables import write_table
from nasfer.verifying.presets import Verdict

SHOWN = {"params_gap": "{:+.2%}", "flops_gap": "{:+.2%}", "logits_gap": "{:.0e}"}
"""How gaps are written for reading."""


def write_verdicts(verdicts: Sequence[Verdict], folder: Path) -> None:
    """Write ``presets.csv`` (exact) and ``presets.md`` (for reading) into a folder.

    Raises:
        RunFolderError: a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame([asdict(verdict) for verdict in verdicts])
    table["faults"] = ["; ".join(faults) for faults in table["faults"]]
    write_table(table, folder / "presets.csv")
    for name, pattern in SHOWN.items():
        table[name] = ["" if pd.isna(gap) else pattern.format(gap) for gap in table[name]]
    write_table(table, folder / "presets.md")
