"""What the papers print, as rows of its own table: never a measured column, never on a front."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from nasfer.presets import PRESETS

COLUMNS = ["name", "kind", "printed_on", "printed_accuracy", "printed_params", "printed_flops",
           "source"]  # fmt: skip


def printed_table(names: Iterable[str] | None = None) -> pd.DataFrame:
    """Return the published figures of presets, one row a preset and data set.

    ``printed_accuracy`` is a fraction of 1, as printed by the source; ``printed_params`` and
    ``printed_flops`` are the source's own words. Nothing here was measured by nasfer.

    Args:
        names: of presets; those that are none, or print no accuracy, have no row. Default: all.
    Example:
        >>> printed_table(["zennet_m_sa"])["printed_accuracy"].tolist()[:2]
        [0.871, 0.8853]
    """
    wanted = PRESETS.names() if names is None else [name for name in names if name in PRESETS]
    rows = []
    for name in dict.fromkeys(wanted):
        preset = PRESETS.get(name)
        for data, percent in preset.published.accuracy:
            rows.append({
                "name": name, "kind": "printed", "printed_on": data,
                "printed_accuracy": round(percent / 100, 6),
                "printed_params": preset.published.params or "",
                "printed_flops": preset.published.flops or "", "source": preset.source,
            })  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)
