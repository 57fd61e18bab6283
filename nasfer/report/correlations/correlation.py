"""Do scores order networks as trainings do? Over all, near one budget, among the best."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from nasfer.errors import NasferWarning, PoolError, RunFolderError
from nasfer.pools.agreement import RankAgreement, agreement, mean_agreement
from nasfer.pools.bands import BAND, LEAST_IN_BAND, best_tenth, budget_bands
from nasfer.quantity import format_quantity
from nasfer.report.correlations.scoring import (
    KeptScores,
    Scored,
    ScoreSettings,
    ScoreWatch,
    check_faces,
    score_table,
)
from nasfer.report.measures import metric_column

LEAST = 5
"""Fewer candidates than these have no correlation worth a number: of three, any order has an
interval of 95 % that reaches from the opposite to the same one."""

SHOWN_REASONS = 3
"""So many reasons are told why networks were not scored."""


def correlate(
    table: pd.DataFrame,
    proxies: Sequence[str],
    metric: str = "accuracy",
    *,
    budget: int | None = None,
    settings: ScoreSettings | None = None,
    seed: int = 0,
    kept: KeptScores | None = None,
    watch: ScoreWatch | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Correlate proxies with a measured figure over the networks of a table.

    A proxy of which less is better counts with its sign turned.

    Args:
        table: `read_judged`, or a `trained_table` with `one_row_a_network`: rows of one network are
            not independent.
        proxies: columns of the table, or names of `nasfer.list_proxies`.
        metric: measured figure, its mean over seeds.
        budget: in FLOPs, of the one band; ``None``: bands over the whole range.
        settings: of proxies that have to be computed.
        seed: of the bootstrap's resamples.
        kept: scores that were measured before.
        watch: told how many scores are done, of all proxies together.
    Returns:
        One row a proxy: ``proxy``, ``metric``, ``candidates``, Kendall's ``kendall_tau_b`` and
        ``spearman_rho``, each with ``_low`` and ``_high``; the same within bands of 0.85 B to B
        FLOPs, the mean over ``bands`` bands of together ``band_candidates`` networks
        (``band_kendall_tau_b``, ...), and among the tenth with the best figure (``top_candidates``,
        ``top_kendall_tau_b``, ...); ``unscored`` networks and ``reasons``. And the scores, one
        column a proxy.
    Raises:
        RunFolderError: fewer than five candidates have both, or the figure is the same of all.
        PoolError: too few networks are near the budget.
        ProxyError: a proxy reads faces and there are none, or there are faces and none reads them.
        UnknownNameError: no such proxy or metric.
    """
    column = metric_column(table, metric)
    if budget is not None and not budget_bands(_flops(table), budget):
        near = f"from {BAND} of {format_quantity(budget)} FLOPs to it"
        raise PoolError(f"`budget`: fewer than {LEAST_IN_BAND} networks {near}")
    if table[column].nunique() == 1 and len(table) >= LEAST:
        raise RunFolderError(f"{column}: {table[column].iloc[0]:.6g} of all networks, no order")
    rows: list[dict[str, object]] = []
    scores: dict[str, pd.Series] = {}
    names = list(dict.fromkeys(proxies))
    settings = settings or ScoreSettings()
    check_faces(table, names, settings.data)
    total = len(names) * len(table)

    def count(done: int) -> None:
        if watch is not None:
            watch(len(scores) * len(table) + done, total)

    for proxy in names:
        scored = score_table(table, proxy, settings, kept or KeptScores(None), count)
        _tell(proxy, scored, len(table))
        rows.append({"proxy": proxy, **_row(table, column, metric, proxy, scored, budget, seed)})
        scores[proxy] = scored.values
    return pd.DataFrame(rows), pd.DataFrame(scores, index=table.index)


def _row(
    table: pd.DataFrame, column: str, metric: str, proxy: str, scored: Scored,
    budget: int | None, seed: int,
) -> dict[str, object]:  # fmt: skip
    both = (scored.values.notna() & table[column].notna()).to_numpy()
    if both.sum() < LEAST:
        raise RunFolderError(
            f"{proxy}: {both.sum()} candidates have it and {metric};"
            f" an interval of fewer than {LEAST} means nothing"
            + (f"; not scored: {_told(scored)}" if scored.reasons else "")
        )
    sign = 1.0 if scored.higher_is_better else -1.0
    one = sign * scored.values.to_numpy(dtype=float)[both]
    two = table[column].to_numpy(dtype=float, na_value=np.nan)[both]
    bands = budget_bands(_flops(table)[both], budget)
    top = best_tenth(two)
    few = len(top) < LEAST
    within = mean_agreement([(one[places], two[places]) for places in bands], seed=seed)
    among = mean_agreement([] if few else [(one[top], two[top])], seed=seed)
    return {
        "metric": column,
        "candidates": int(both.sum()),
        **_figures("", agreement(one, two, seed=seed)),
        "bands": len(bands),
        "band_candidates": sum(map(len, bands)),
        **_figures("band_", within),
        "top_candidates": 0 if few else len(top),
        **_figures("top_", among),
        "unscored": sum(scored.reasons.values()),
        "reasons": _told(scored) or math.nan,
    }


def _flops(table: pd.DataFrame) -> np.ndarray:
    return table["flops"].to_numpy(dtype=float, na_value=np.nan)


def _figures(scope: str, found: RankAgreement) -> dict[str, float]:
    return {
        f"{scope}{name}{end}": getattr(value, field)
        for name, value in (("kendall_tau_b", found.tau), ("spearman_rho", found.rho))
        for end, field in (("", "value"), ("_low", "low"), ("_high", "high"))
    }


def _tell(proxy: str, scored: Scored, networks: int) -> None:
    count = sum(scored.reasons.values())
    if count:
        warnings.warn(
            f"{proxy}: {count} of {networks} networks not scored: {_told(scored)}",
            NasferWarning, stacklevel=3,
        )  # fmt: skip


def _told(scored: Scored) -> str:
    """Return the reasons for which networks were not scored, the most frequent first."""
    counted = sorted(scored.reasons.items(), key=lambda item: -item[1])
    told = [f"{count}: {reason}" for reason, count in counted[:SHOWN_REASONS]]
    more = len(counted) - SHOWN_REASONS
    return "; ".join([*told, *([f"and {more} other reasons"] if more > 0 else [])])
