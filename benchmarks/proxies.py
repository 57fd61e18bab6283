"""Do scores order trained networks? Every proxy on four pools; writes results/proxies.{csv,md}.

Run: python benchmarks/proxies.py [--shared ../shared] [--pools faces macro ...] [--no-table]
     python benchmarks/proxies.py --table        # of the scores that are there
Each score is kept in results/runs/proxies.jsonl as it is measured, so that a killed run goes on.
Proxies that read the structure alone score whole pools; measured ones score a fixed random sample
of the public tables, one draw of 16 images. Seconds are of processor time, one thread.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from proxy_scores import CASES, ROOT, SCORES, SEED, Case, measure, scored, wanted

from nasfer.pools import Pool
from nasfer.pools.agreement import Agreement, agreement, mean_agreement
from nasfer.pools.bands import best_tenth, budget_bands
from nasfer.proxies import PROXIES, Proxy
from nasfer.report import write_table
from nasfer.runs.appended import read_lines
from nasfer.runs.atomic import make_folder, write_atomic

Scores = Mapping[str, Mapping[str, object]]
CLOSED_FORM = "zen_closed_form"
WHOLE = 1000
"""Networks of a pool whose best tenth is worth a sentence."""

LEAST = 5
"""Networks of the best tenth that a rank correlation is told of."""


def write_tables(shared: Path, known: Scores) -> None:
    """Write results/proxies.csv and .md from the scores that are there."""
    rows, notes = [], []
    for case in CASES:
        pool = case.read(shared)
        notes.append(note(case, pool))
        for proxy in PROXIES:
            row = judged(case, proxy, pool, known)
            if row is not None:
                rows.append({"pool": case.name, **row})
                print(rows[-1], flush=True)
    table = pd.DataFrame(rows)
    write_table(table, ROOT / "results/proxies.csv")
    text = shown(table).to_markdown(index=False, disable_numparse=True)
    head = " ".join(sentences(table))
    told = "\n".join(notes)
    write_atomic(ROOT / "results/proxies.md", f"{head}\n\n{told}\n\n{text}\n")
    print(shown(table).to_string())


def sentences(table: pd.DataFrame) -> list[str]:
    """Say of a table what it shows, in three sentences: over all, at one budget, between pools."""
    zen = table[table["proxy"] == CLOSED_FORM]
    told_of_zen = ", ".join(f"{tau:.2f} on {pool}" for pool, tau in zip(zen["pool"], zen["tau"]))
    top = best(table[table["networks"] > WHOLE], "top_tau")
    ahead, behind = (
        set(table.loc[sure, "proxy"]) - {"random"}
        for sure in (table["tau_low"] > 0, table["tau_high"] < 0)
    )
    turned = ", ".join(name for name in dict.fromkeys(table["proxy"]) if name in ahead & behind)
    return [
        f"Over all networks of a pool the best tau-b with accuracy, found after the fact, is"
        f" {best(table, 'tau')}; the closed-form Zen-score has {told_of_zen}.",
        f"Within bands of FLOPs, from 0.85 B to B, the best is {best(table, 'band_tau')}; in the"
        f" best tenth of a whole table it is {top}.",
        f"A score that orders one pool may order another the other way round: so do, with intervals"
        f" on both sides of 0, {turned or 'none'}.",
    ]


def best(table: pd.DataFrame, column: str) -> str:
    """Return the best proxy of each pool by a column, chosen after the fact, with its interval."""
    groups = table.dropna(subset=[column]).groupby("pool", sort=False)
    rows = [group.loc[group[column].idxmax()] for _, group in groups]
    return ", ".join(
        f"{row[column]:.2f} [{row[f'{column}_low']:.2f}, {row[f'{column}_high']:.2f}] by"
        f" {row['proxy']} on {row['pool']}"
        for row in rows
    )


def note(case: Case, pool: Pool) -> str:
    """Return what a pool is, in a line."""
    sample = case.measured_on(pool)
    px = case.resolution or pool.resolution
    text = (
        f"- {case.name}: {len(pool)} networks ({case.file.split('/')[-1]}); measured proxies on"
        f" {len(sample)} of them{' drawn at random' if case.sample else ''}, at {px} px"
    )
    if not case.sample:
        return text
    flops = np.array([network.flops for network in sample.networks], float)
    tau = agreement(flops, sample.accuracies, seed=SEED).tau
    return f"{text}; on these FLOPs have a tau of {tau.value:.2f} [{tau.low:.2f}, {tau.high:.2f}]"


def judged(case: Case, proxy: Proxy, pool: Pool, known: Scores) -> dict[str, object] | None:
    """Return a proxy's row of a pool; nothing where it is not measured to the end."""
    keyed = list(wanted(case, proxy, pool, case.faces))
    if not keyed or (proxy.measured and any(key not in known for key, _, _ in keyed)):
        return None
    judges = case.measured_on(pool) if proxy.measured else pool
    if proxy.measured:
        lines = [known[key] for key, _, _ in keyed]
    else:  # a moment; not kept
        lines = [scored(arch, proxy, px, "") for _, arch, px in keyed]
    values = np.array([np.nan if line["score"] is None else line["score"] for line in lines], float)
    there = np.flatnonzero(~np.isnan(values))
    row: dict[str, object] = {
        "proxy": proxy.name, "networks": len(there), "refused": len(lines) - len(there),
        "seconds": float(np.mean([line["seconds"] for line in lines])),
    }  # fmt: skip
    if len(there) < LEAST:
        return row
    sign = 1.0 if proxy.higher_is_better else -1.0
    return {**row, **agreements(sign * values[there], judges.take(there))}


def agreements(values: np.ndarray, pool: Pool) -> dict[str, object]:
    """Return tau over all, within bands of FLOPs, and in the best tenth, with intervals."""
    accuracies = pool.accuracies
    bands = budget_bands(np.array([network.flops for network in pool.networks]))
    top = best_tenth(accuracies)
    over_all = agreement(values, accuracies, seed=SEED)
    within = mean_agreement([(values[band], accuracies[band]) for band in bands], seed=SEED)
    row = {**told("tau", over_all.tau), **told("band_tau", within.tau), "bands": len(bands)}
    if len(top) >= LEAST:
        row |= told("top_tau", agreement(values[top], accuracies[top], seed=SEED).tau)
    return {"spearman": over_all.rho.value, **row}


def told(name: str, found: Agreement) -> dict[str, object]:
    """Return a rank correlation and the ends of its interval as three columns."""
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that people read."""

    def interval(name: str) -> list[str]:
        rows = table[[name, f"{name}_low", f"{name}_high"]].itertuples(index=False)
        return ["" if v != v else f"{v:.2f} [{low:.2f}, {high:.2f}]" for v, low, high in rows]

    return pd.DataFrame({
        "pool": table["pool"], "proxy": table["proxy"], "networks": table["networks"],
        "refused": table["refused"], "tau": interval("tau"), "tau within bands":
        interval("band_tau"), "tau in the best tenth": interval("top_tau"),
        "seconds": table["seconds"].map("{:.3g}".format),
    })  # fmt: skip


def main() -> None:
    """Measure what is missing; write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--pools", nargs="*", default=[case.name for case in CASES])
    parser.add_argument("--proxies", nargs="*", default=[], help="these alone")
    parser.add_argument("--table", action="store_true", help="measure nothing")
    parser.add_argument("--no-table", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    make_folder(SCORES.parent)
    known = {str(line["key"]): line for line in (read_lines(SCORES) if SCORES.exists() else [])}
    cases = [case for case in CASES if case.name in given.pools]
    for case in cases if not given.table else []:
        faces = f"fer2013:{given.shared / case.faces}" if case.faces else ""
        measure(case, case.read(given.shared), faces, known, given.proxies)
    if not given.no_table:
        write_tables(given.shared, known)


if __name__ == "__main__":
    main()
