"""What scores are held against: trained networks as one table, whatever they come from."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from nasfer.errors import SpecError
from nasfer.pools import read_pool
from nasfer.report.measures import CHOSEN_BY
from nasfer.report.tunings.table import read_trained, trained_resolution

POOLED_METRIC = "accuracy"
"""The one figure that all pools have."""


def read_judged(
    sources: Sequence[str | Path], metric: str, *, resolution: int | None, mixed: bool
) -> pd.DataFrame:
    """Return trained networks, one row each, with the figure that scores are held against.

    Tune runs of the same data have all their measured figures, ``accuracy`` that of the test split;
    other pools, and mixed ones, have ``accuracy`` alone, that of `nasfer.pools.PooledNetwork`. All
    are fractions of 1.

    Args:
        sources: as `nasfer.pools.read_pool` takes them.
        metric: the figure.
        resolution: side of the images, in pixels, in place of what the sources say.
        mixed: allow several data sets, sizes and recipes.
    Returns:
        Columns ``name``, ``kind``, ``digest``, ``structure``, ``flops``, ``resolution`` and
        the figures, each with ``<figure>_std`` over seeds.
    Raises:
        NasferError: a source cannot be read, or they do not agree.
    """
    if sources and not mixed and all(map(os.path.isdir, sources)):
        folders = [Path(source) for source in sources]
        table = one_row_a_network(read_trained(folders))
        size = resolution or trained_resolution(folders[0], table)
        return table.assign(resolution=pd.array([size] * len(table), dtype="Int64"))
    if metric != POOLED_METRIC:
        raise SpecError(f"`metric`: {metric!r}: of a pool the one figure is {POOLED_METRIC!r}")
    frame = read_pool(*sources, mixed=mixed).frame()
    table = frame.assign(
        name=frame["digest"], kind="candidate", accuracy=frame["accuracy"] / 100,
        accuracy_std=frame["spread"] / 100,
    )  # fmt: skip
    return table if resolution is None else table.assign(resolution=resolution)


def one_row_a_network(table: pd.DataFrame) -> pd.DataFrame:
    """Return the best row of each network, by validation: proxies know nothing of recipe values.

    Args:
        table: `trained_table`, or `read_trained`.
    """
    ordered = table.sort_values(CHOSEN_BY, ascending=False, kind="stable")
    return ordered.drop_duplicates("digest").sort_index().reset_index(drop=True)
