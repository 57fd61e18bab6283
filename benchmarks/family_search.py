"""Do searches of the papers' spaces beat the papers' networks? results/family_search.{csv,md}.

Run: python benchmarks/family_search.py [--iterations N]
Each space is searched within its preset's own FLOPs and parameters, at the preset's own image size,
with the space's own number of proposals; the best network and the preset are measured alike.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import pandas as pd

import nasfer
from nasfer.presets import PRESETS
from nasfer.report import write_table

ROOT = Path(__file__).parents[1]
SPACES = ("emo_net", "efficientface", "attention_emotion_net", "amp_net")
REPEATS = 3


def compare(space: str, preset: str, iterations: int | None) -> dict[str, object]:
    """Search ``space`` within the costs of ``preset``."""
    resolution = PRESETS.get(preset).resolution
    cost = nasfer.cost(preset, resolution)
    started = time.monotonic()
    best = nasfer.search(
        space,
        cost.flops,
        max_params=cost.params,
        iterations=iterations,
        resolution=resolution,
        top=3,
        repeats=REPEATS,
    ).best
    seconds = time.monotonic() - started
    published = nasfer.score(preset, "zen", repeats=REPEATS, resolution=resolution)
    row = {
        "space": space,
        "preset": preset,
        "resolution": resolution,
        "zen_preset": float(published),
        "zen_found": float("nan") if best.zen is None else float(best.zen),
        "zen_closed_form": best.closed_form,
        "flops_preset": cost.flops,
        "flops_found": best.cost.flops,
        "params_preset": cost.params,
        "params_found": best.cost.params,
        "seconds": round(seconds),
        "structure": str(best.arch),
    }
    print(row, flush=True)
    return row


def main() -> None:
    """Search, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--iterations", type=int, default=None)
    options = parser.parse_args()
    rows = [compare(space, space, options.iterations) for space in SPACES]
    rows += [compare("fer", "emo_net", options.iterations)]
    for ending in ("csv", "md"):
        write_table(pd.DataFrame(rows), ROOT / f"results/family_search.{ending}")


if __name__ == "__main__":
    main()
