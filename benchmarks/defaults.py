"""Does the default recipe learn, whatever the network? results/defaults.{csv,md}.

Run: python benchmarks/defaults.py [--data ../shared/data/fer2013] [--threads 1]
Six presets and three networks found within 20.6M FLOPs at 48 px, one a space, are trained by the
recipe ``nasfer`` as it is, on drawn faces and on a sample of FER2013; the two largest presets,
on fewer and plainer drawn faces. Accuracy is on the test split, of the epoch with the best
validation. A network that is trained already is only read, so a run that was stopped goes on; the
table grows with each.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

import nasfer
from nasfer.inference.chance import majority_share
from nasfer.report import write_table

ROOT = Path(__file__).parents[1]
RUNS = ROOT / "results/runs/defaults"
PRESETS = ("zennet_m", "zennet_r", "emo_net", "efficientface", "zennet_m_sa", "zennet_r_sa")
SPACES = ("zennet_m", "zennet_r", "emo_net")
BUDGET = "20.6M"
FIRST = (
    "found in zennet_m",
    "emo_net",
    "efficientface",
    "found in emo_net",
    "zennet_r",
    "zennet_m",
)
"""The most different and the cheapest ones come first: a table that is not whole says most."""

DRAWN = "drawn"
EPOCHS = {"found in zennet_m": (5, 6)}
"""On drawn faces and on the sample, where the network, the deepest of all, has more than others."""

LARGE = {"amp_net": 500, "attention_emotion_net": 2000}
"""Training faces of each."""

LARGE_DRAWN = "drawn,nuisance=0.3,train={},val=350,test=350"
LARGE_EPOCHS = 10
WANTED = 0.05
"""Accuracy over the majority share that every network should reach."""


def found(space: str) -> Path:
    """Search once, without measuring, and return the file of the best network."""
    folder = RUNS / f"search-{space}"
    nasfer.search(
        space=space, budget=BUDGET, resolution=48, iterations=2000, seed=0, top=0, out=folder
    )
    return folder / "best.yaml"


def trained(
    name: str, arch: str | Path, data: str, *, epochs: int, seed: int, threads: int
) -> dict[str, object]:
    """Train one network by the default recipe and return its row."""
    short = data.split(":")[0]
    folder = RUNS / f"{short}-{name}-{epochs}-seed{seed}"
    result = nasfer.train(
        arch, data, resolution=48, epochs=epochs, seed=seed, threads=threads, device="cpu",
        out=folder,
    )  # fmt: skip
    majority = majority_share(result.test.confusion)
    over = result.test.accuracy - majority
    return {
        "network": name,
        "data": short,
        "seed": seed,
        "epochs": epochs,
        "val_accuracy": round(100 * result.best.val_accuracy, 1),
        "accuracy": round(100 * result.test.accuracy, 1),
        "majority": round(100 * majority, 1),
        "over": round(100 * over, 1),
        "learns": "yes" if over >= WANTED and result.warning is None else "no",
        "largest_shift_px": round(48 * max(epoch.shift for epoch in result.history)),
        "minutes": round(sum(epoch.seconds for epoch in result.history) / 60, 1),
    }


def main() -> None:
    """Search, train, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=str(ROOT.parent / "shared/data/fer2013"))
    parser.add_argument("--networks", nargs="*", help="these of the networks alone; no table")
    parser.add_argument("--drawn", default=DRAWN, help="the drawn faces")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    networks = {f"found in {space}": space for space in SPACES} | {name: name for name in PRESETS}
    every = dict.fromkeys((*FIRST, *networks, *LARGE))
    rows = []
    for name in given.networks or every:
        network = found(networks[name]) if name.startswith("found") else name
        epochs = EPOCHS.get(name, (given.epochs, given.epochs))
        sets = list(zip((given.drawn, f"fer2013:{given.data}"), epochs, strict=True))
        if name in LARGE:
            sets = [(LARGE_DRAWN.format(LARGE[name]), LARGE_EPOCHS)]
        for data, count in sets:
            row = trained(
                name.replace(" ", "_"), network, data,
                epochs=count, seed=given.seed, threads=given.threads,
            )  # fmt: skip
            rows.append(row)
            print(row, flush=True)
            if not given.networks:
                for ending in ("csv", "md"):
                    write_table(pd.DataFrame(rows), ROOT / f"results/defaults.{ending}")


if __name__ == "__main__":
    main()
