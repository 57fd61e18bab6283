"""What the default recipe reaches on the FER2013 sample: results/fer2013_sample.{csv,md}.

Run: python benchmarks/fer2013_sample.py [--data ../shared/data/fer2013] [--seeds 2]
Each network is trained by the command that stands in the table, two seeds; the spread is over them.
A network that is trained already is only read, so a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import json
import shlex
import statistics
import subprocess
import sys
from pathlib import Path

import pandas as pd

from nasfer.report import write_table

ROOT = Path(__file__).parents[1]
NETWORKS = ("zennet_m", "efficientface", "emo_net")


def train(network: str, data: str, seed: int, extra: list[str]) -> dict[str, float]:
    """Train one network in a process of its own and return its figures."""
    folder = ROOT / f"results/runs/fer2013_sample/{network}-{'-'.join(extra)}-{seed}"
    command = [
        sys.executable, "-m", "nasfer", "train", network, "--data", f"fer2013:{data}",
        "--seed", str(seed), "--out", str(folder), *extra, "--json",
    ]  # fmt: skip
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    test = json.loads(done.stdout)["test"]
    history = pd.read_csv(folder / "history.csv")
    figures = {name: test[name] for name in ("accuracy", "mean_class_accuracy", "macro_f1")}
    figures |= {"epochs": len(history), "seconds": float(history["seconds"].sum())}
    print(network, seed, figures, flush=True)
    return figures


def main() -> None:
    """Train, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=str(ROOT.parent / "shared/data/fer2013"))
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--networks", nargs="*", default=NETWORKS)
    options, extra = parser.parse_known_args()
    rows = []
    for network in options.networks:
        runs = [train(network, options.data, seed, extra) for seed in range(options.seeds)]
        row: dict[str, object] = {"network": network}
        for name in ("accuracy", "mean_class_accuracy", "macro_f1"):
            values = [100 * figures[name] for figures in runs]
            row[name] = round(statistics.mean(values), 1)
            row[f"{name}_spread"] = round(max(values) - min(values), 1)
        row["seeds"] = options.seeds
        row["epochs"] = runs[0]["epochs"]
        row["minutes_each"] = round(statistics.mean(f["seconds"] for f in runs) / 60, 1)
        flags = shlex.join(["--data", "fer2013:../shared/data/fer2013", *extra])
        row["command"] = f"nasfer train {network} {flags} --seed 0 (and 1)"
        rows.append(row)
        for ending in ("csv", "md"):
            write_table(pd.DataFrame(rows), ROOT / f"results/fer2013_sample.{ending}")


if __name__ == "__main__":
    main()
