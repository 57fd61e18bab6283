"""How well do predictors order networks that they have not seen? results/predictors.{csv,md}.

Run: python benchmarks/predictors.py [--shared ../shared] [--draws 8]
Samples of 20 to 200 networks of two public tables are learnt from and judged on 1,500 others; then
50 networks of 0.75 B to B are, and judged from 0.85 B to B, where B is the table's median or what
80 % of it keep; then 40 networks trained on faces are left out one by one. Seconds are processor
time on one thread. Proposals a second compare with the closed form's in the same run.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nasfer import search
from nasfer.pools import Pool, read_pool
from nasfer.predictors import fit, save_predictor
from nasfer.predictors.judging import FIGURES
from nasfer.report import write_table
from nasfer.report.predictions.holding import Held, Holder
from nasfer.runs.atomic import write_atomic

ROOT = Path(__file__).parents[1]
TABLES = {
    "NAS-Bench-Macro": "nas_bench_macro:{}/bench/nas-bench-macro_cifar10.json",
    "Accel-NASBench": "accel_nasbench:{}/bench/accel-nasbench_imagenet.json",
}
FACES = "{}/pool/fer2013_48px_8epochs.csv"
KINDS = ("gp", "ridge", "forest", "auto")
SIZES = (20, 50, 100, 200)
NEAR = 50
PRINTED = ("pool", "score", "learnt", "budget", "tau", "tau_band", "seconds_a_draw")
SEED = 0

SPACE = """
description: the stages of Accel-NASBench
start: ConvK3BN(3,32,2)MBConvE4K3(32,16,1,2)MBConvE4K3(16,24,2,2)MBConvE4K3(24,40,2,2)\
MBConvE4K3(40,80,2,2)MBConvE4K3(80,112,1,2)MBConvE4K3(112,192,2,2)MBConvE4K3(192,320,1,2)\
ConvK1BN(320,1280,1)Head(1280,1000)
fixed: [first, last]
moves:
  MBConv:
    kernel: {choices: [3, 5]}
    expansion: {choices: [1, 4, 6]}
    repeats: {step: [-1, 1], max: 4}
    se_ratio: {choices: [0, 0.25]}
"""
PROPOSALS = 40_000

Row = dict[str, Any]


def rows_of(pool: str, draws: Sequence[Held], kind: str, seconds: float, budget: str) -> list[Row]:
    """Return a row for the predictor, and one for each free proxy beside ``gp``."""
    names = list(draws[0].judgements) if kind == "gp" else [kind]
    rows = []
    for name in names:
        row: Row = {
            "pool": pool, "score": name, "learnt": draws[0].learnt if name == kind else 0,
            "budget": budget, "judged": len(draws[0].judged), "draws": len(draws),
        }  # fmt: skip
        for figure in FIGURES:
            values = [getattr(held.judgements[name], figure).value for held in draws]
            known = [value for value in values if not math.isnan(value)]
            row[figure] = float(np.mean(known)) if known else None
        taus = [held.judgements[name].tau.value for held in draws]
        row["tau_std"] = float(np.std(taus, ddof=1)) if len(taus) > 1 else None
        row["seconds_a_draw"] = seconds / len(draws) if name == kind else None
        rows.append(row)
    return rows


def measured(
    pool: Pool, name: str, kind: str, size: int, draws: int, budget: int | None
) -> list[Row]:
    """Judge one kind on samples of one size."""
    began = time.process_time()
    held = Holder(pool, kind, budget=budget, seed=SEED).sampled(size, draws, _nobody)
    seconds = time.process_time() - began
    return rows_of(name, held, kind, seconds, "" if budget is None else f"{budget / 1e6:.0f}M")


def table_rows(shared: str, draws: int) -> Iterator[list[Row]]:
    """Yield the rows of both tables, over all and near budgets, then those of faces."""
    for name, source in TABLES.items():
        pool = read_pool(source.format(shared))
        flops = [network.flops for network in pool.networks]
        for kind in KINDS:
            for size in SIZES:
                yield measured(pool, name, kind, size, draws, None)
            for share in (0.5, 0.8):
                yield measured(pool, name, kind, NEAR, draws, int(np.quantile(flops, share)))
    faces = read_pool(FACES.format(shared))
    for kind in KINDS:
        began = time.process_time()
        held = [Holder(faces, kind, budget=None, seed=SEED).folds(_nobody)]
        yield rows_of("FER2013, leave one out", held, kind, time.process_time() - began, "")


def _nobody(done: int, total: int) -> None:
    pass


def speeds(shared: str) -> str:
    """Return how many proposals a second are scored by predictors, and by the closed form."""
    pool = read_pool(TABLES["Accel-NASBench"].format(shared))
    learnt = pool.take(np.random.default_rng(SEED).permutation(len(pool))[:200])
    texts = []
    with tempfile.TemporaryDirectory() as folder:
        space = Path(folder) / "accel.yaml"
        space.write_text(SPACE)
        for name in ("zen_closed_form", "gp", "ridge", "forest"):
            proxy = name
            if name != "zen_closed_form":
                save_predictor(fit(learnt, name), Path(folder) / f"{name}.json")
                proxy = f"predictor:{folder}/{name}.json"
            began = time.process_time()
            search(space, "400M", proxy=proxy, iterations=PROPOSALS, top=0)
            rate = PROPOSALS / (time.process_time() - began)
            texts.append(f"{name} {rate:,.0f}")
    return ", ".join(texts)


def curves(table: pd.DataFrame) -> pd.DataFrame:
    """Return the mean tau over all by number of networks learnt from, and that within bands."""
    rows = []
    for (pool, score), part in table.groupby(["pool", "score"], sort=False):
        everywhere = part[part["budget"] == ""]
        row: Row = {"pool": pool, "score": score}
        for _, one in everywhere.iterrows():
            head = f"n = {one['learnt']}" if one["learnt"] else "none learnt"
            row[head] = f"{one['tau']:.3f}"
        for index, (_, one) in enumerate(part[part["budget"] != ""].iterrows()):
            row[("median B", "80 % B")[index]] = f"{one['tau_band']:.3f}"
        rows.append(row)
    return pd.DataFrame(rows).fillna("")


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", default=str(ROOT.parent / "shared"))
    parser.add_argument("--draws", type=int, default=8)
    arguments = parser.parse_args()
    rows: list[Row] = []
    for some in table_rows(arguments.shared, arguments.draws):
        rows += some
        print({name: some[0][name] for name in PRINTED}, flush=True)
    table = pd.DataFrame(rows).drop_duplicates(["pool", "score", "learnt", "budget"])
    rates = speeds(arguments.shared)
    write_table(table, ROOT / "results/predictors.csv")
    shown = curves(table).to_markdown(index=False, disable_numparse=True)
    text = (
        f"`python benchmarks/predictors.py`; mean Kendall τ of {arguments.draws} draws, on 1,500"
        f" networks that were not learnt from. Under B: {NEAR} networks drawn from 0.75 B to B and"
        " judged from 0.85 B to B, where B is the table's median FLOPs or what 80 % of it keep.\n"
        "All figures, best tenth, precision at 10 and regret among them, stand in `predictors.csv`."
        "\n\n"
        f"Proposals a second of a search on one core, 200 networks learnt from: {rates}.\n\n"
    )
    write_atomic(ROOT / "results/predictors.md", f"{text}{shown}\n")
    print(text, shown, sep="")


if __name__ == "__main__":
    main()
