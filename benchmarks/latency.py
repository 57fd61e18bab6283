"""How long do presets take in onnxruntime and in eager torch, and do the two agree on the order?

Run: python benchmarks/latency.py [--threads 1] [--anew]

Fresh weights; each size's networks, batch sizes and backends are timed in turns, in one process, so
that what slows the machine slows all of them alike. A size that is in ``results/latency.csv`` is
not measured again without ``--anew``. Writes ``results/latency.csv`` and ``.md``; two minutes.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
import torch

from nasfer.exporting.onnx_file import open_onnx, to_onnx
from nasfer.exporting.tracing import trace
from nasfer.inference.latency import interleaved, summary
from nasfer.inference.opened import open_network
from nasfer.report import write_table
from nasfer.runs.folder import write_atomic

NETWORKS = ("zennet_m", "zennet_r", "emo_net", "efficientface")
BATCHES = {48: (1, 32), 112: (1,), 224: (1,)}
OUT = Path("results/latency.csv")


def measure(side: int, threads: int) -> pd.DataFrame:
    """Return a row a network, batch size and backend."""
    told: list[tuple[str, int, str]] = []
    calls: list[Callable[[], object]] = []
    torch.set_num_threads(threads)
    for name in NETWORKS:
        model, _ = open_network(name)
        run = open_onnx(to_onnx(trace(model, side, None), model, {}), threads=threads)
        for batch in BATCHES[side]:
            inputs = model.example_inputs(batch, side, torch.Generator().manual_seed(0))
            told += [(name, batch, "onnxruntime"), (name, batch, "torch")]
            calls += [partial(run, inputs), partial(model.predict, *inputs)]
    with torch.inference_mode():
        times = interleaved(calls)
    rows = []
    for (name, batch, backend), seconds in zip(told, times):
        one = summary(seconds, batch, threads, backend)
        rows.append({
            "resolution": side, "batch": batch, "network": name, "backend": backend,
            "median_ms": round(one.median_ms, 3), "p95_ms": round(one.p95_ms, 3),
            "passes": one.passes, "threads": threads, "processor": platform.processor(),
        })  # fmt: skip
    return pd.DataFrame(rows)


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row a size and network: ms of both, their ratio, and the place in each order."""
    keys = ["resolution", "batch", "network"]
    wide = table.pivot_table(index=keys, columns="backend", values="median_ms", sort=False)
    wide = wide.reset_index()
    groups = wide.groupby(["resolution", "batch"])
    ms = {name: wide[name].map("{:.2f}".format) for name in ("onnxruntime", "torch")}
    return pd.DataFrame({
        "px": wide["resolution"], "images": wide["batch"], "network": wide["network"],
        "onnxruntime, ms": ms["onnxruntime"], "torch, ms": ms["torch"],
        "torch / onnxruntime": (wide["torch"] / wide["onnxruntime"]).map("{:.1f}".format),
        "place in onnxruntime": groups["onnxruntime"].rank().astype(int),
        "place in torch": groups["torch"].rank().astype(int),
        "times the fastest": (
            wide["onnxruntime"] / groups["onnxruntime"].transform("min")
        ).map("{:.2f}".format),
    })  # fmt: skip


def main() -> None:
    """Measure the sizes that are missing, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--anew", action="store_true")
    given = parser.parse_args()
    known = [pd.read_csv(OUT)] if OUT.exists() and not given.anew else []
    there = set(known[0]["resolution"]) if known else set()
    for side in BATCHES:
        if side not in there:
            known.append(measure(side, given.threads))
            write_table(pd.concat(known), OUT)
            print(f"{side} px: measured", flush=True)
    table = shown(pd.concat(known))
    text = "Median of a forward pass, one thread, fresh weights: `python benchmarks/latency.py`.\n"
    write_atomic(
        OUT.with_suffix(".md"),
        f"{text}\n{table.to_markdown(index=False, disable_numparse=True)}\n",
    )
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
