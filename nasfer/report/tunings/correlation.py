"""Do training-free scores order networks as trainings do? Rank correlations with intervals."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nasfer.arch import parse_arch
from nasfer.errors import NasferWarning, ProxyError, RunFolderError
from nasfer.packages import needs
from nasfer.proxies import PROXIES, score
from nasfer.report.measures import CHOSEN_BY, metric_column

LEAST = 5
"""Fewer candidates than these have no correlation worth a number: of three, any order has an
interval of 95 % that reaches from the opposite to the same one."""

RESAMPLES = 1000
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Agreement:
    """A rank correlation.

    Args:
        value: from -1, the opposite order, to 1, the same; NaN where one side is all equal.
        low: lower end of its bootstrap interval of 95 %.
        high: upper end.
    """

    value: float
    low: float
    high: float


def proxy_values(table: pd.DataFrame, proxy: str, resolution: int | None) -> pd.Series:
    """Return a proxy's score of each candidate of a `trained_table`.

    A column of that name is used where the ledger has it for all; else the proxy is computed on the
    structures. A candidate that it cannot score is missing, with a warning.

    Args:
        resolution: side of the trained images, in pixels.
    Raises:
        UnknownNameError: neither a column nor a proxy.
        RunFolderError: it has to be computed, and no resolution is known.
    """
    if proxy in table and table[proxy].notna().all():
        return table[proxy].astype(float)
    PROXIES.get(proxy)
    if resolution is None:
        raise RunFolderError("`resolution`: needed, the run does not say at which it trained")
    values = []
    for name, structure in zip(table["name"], table["structure"]):
        try:
            values.append(float(score(parse_arch(structure), proxy, resolution=resolution)))
        except ProxyError as error:
            warnings.warn(f"{name}: left out: {error}", NasferWarning, stacklevel=2)
            values.append(math.nan)
    return pd.Series(values, index=table.index, dtype=float)


def one_row_a_network(table: pd.DataFrame) -> pd.DataFrame:
    """Return the best row of each network, by validation: proxies know nothing of recipe values.

    Args:
        table: `trained_table`, or `read_trained`.
    """
    ordered = table.sort_values(CHOSEN_BY, ascending=False, kind="stable")
    return ordered.drop_duplicates("digest").sort_index().reset_index(drop=True)


def correlate(
    table: pd.DataFrame,
    proxies: Sequence[str],
    metric: str = "accuracy",
    *,
    resolution: int | None = None,
    seed: int = 0,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Correlate proxies with a measured figure over the candidates of a `trained_table`.

    Args:
        table: best with `one_row_a_network`: rows of one network are not independent.
        metric: measured figure, its mean over seeds.
        resolution: side of the trained images, for proxies that the ledger does not hold.
        seed: of the bootstrap's resamples.
    Returns:
        One row a proxy: ``proxy``, ``metric``, ``candidates``, Kendall's ``kendall_tau_b`` and
        ``spearman_rho``, each with ``_low`` and ``_high``; and the scores, one column a proxy.
    Raises:
        RunFolderError: fewer than five candidates have both.
        UnknownNameError: no such proxy or metric.
    """
    with needs("report"):
        from scipy import stats

    column = metric_column(table, metric)
    rows, scores = [], {}
    for proxy in dict.fromkeys(proxies):
        values = proxy_values(table, proxy, resolution)
        both = values.notna() & table[column].notna()
        if both.sum() < LEAST:
            raise RunFolderError(
                f"{proxy}: {both.sum()} candidates have it and {metric};"
                f" an interval of fewer than {LEAST} means nothing"
            )
        one, two = (series[both].to_numpy(dtype=float) for series in (values, table[column]))
        row: dict[str, object] = {"proxy": proxy, "metric": column, "candidates": int(both.sum())}
        for name, measure in (
            ("kendall_tau_b", lambda a, b: float(stats.kendalltau(a, b, variant="b").statistic)),
            ("spearman_rho", lambda a, b: float(stats.spearmanr(a, b)[0])),
        ):
            found = agreement(one, two, measure, seed=seed)
            row |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
        rows.append(row)
        scores[proxy] = values
    return pd.DataFrame(rows), pd.DataFrame(scores, index=table.index)


def agreement(
    one: np.ndarray,
    two: np.ndarray,
    measure: Callable[[np.ndarray, np.ndarray], float],
    *,
    seed: int,
) -> Agreement:
    """Return a rank correlation with its percentile bootstrap interval over candidates.

    Resamples in which either side is all equal have no correlation and are left out.

    Args:
        one: ``(n,)`` scores.
        two: ``(n,)`` figures of the same candidates.
        measure: the correlation of two such arrays.
        seed: of the 1,000 resamples.
    Source: Efron, Annals of Statistics 1979; scipy.stats.bootstrap, method "percentile".
    """
    with needs("report"):
        from scipy import stats

    def safe(a: np.ndarray, b: np.ndarray) -> float:
        return math.nan if np.ptp(a) == 0 or np.ptp(b) == 0 else float(measure(a, b))

    value = safe(one, two)
    if math.isnan(value):
        return Agreement(value, value, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of resamples without a correlation; dropped below
        drawn = stats.bootstrap(
            (one, two), safe, paired=True, vectorized=False, n_resamples=RESAMPLES,
            method="percentile", rng=np.random.default_rng(seed),
        ).bootstrap_distribution  # fmt: skip
    low, high = np.nanquantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Agreement(value, float(low), float(high))
