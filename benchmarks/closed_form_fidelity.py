"""Does the closed form follow the measured Zen-score? Writes results/closed_form_fidelity.{csv,md}.

Run: python benchmarks/closed_form_fidelity.py [--members 100]
First against the published scorer's figures in tests/golden/zen (one draw each), then against
nasfer's own measurement on random members of each space.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

import nasfer
from nasfer.arch import parse_arch
from nasfer.errors import ProxyError
from nasfer.report import write_table
from nasfer.space import list_spaces, load_space

ROOT = Path(__file__).parents[1]
GOLDEN = {"zennet_m": "space_m", "zennet_r": "space_r"}


def agreement(what: str, closed: list[float], measured: list[float]) -> dict[str, object]:
    """Compare two lists of scores of the same networks."""
    ours, wanted = np.array(closed), np.array(measured)
    return {
        "compared": what,
        "networks": len(closed),
        "kendall_tau": float(kendalltau(ours, wanted).statistic),
        "bias": float((ours - wanted).mean()),
        "residual_std": float((ours - wanted).std()),
    }


def golden_rows() -> list[dict[str, object]]:
    """Compare with the published scorer's figures."""
    rows = []
    for space, name in GOLDEN.items():
        data = json.loads((ROOT / f"tests/golden/zen/{name}.json").read_text())
        closed = [float(nasfer.score(parse_arch(d["structure"]), "zen_closed_form")) for d in data]
        measured = [d["zen_b16_r224"] for d in data]
        rows.append(agreement(f"{space}, published scorer, 224 px", closed, measured))
    return rows


def member_row(space: str, members: int, resolution: int) -> dict[str, object] | None:
    """Compare with nasfer's measurement on random members; ``None`` outside the derivation."""
    rng = random.Random(0)
    archs = [load_space(space).sample(rng=rng) for _ in range(members)]
    try:
        closed = [
            float(nasfer.score(arch, "zen_closed_form", resolution=resolution)) for arch in archs
        ]
    except ProxyError as error:
        print(f"{space}: {error}")
        return None
    measured = [float(nasfer.score(arch, "zen", batch=8, resolution=resolution)) for arch in archs]
    return agreement(f"{space}, {members} random members, {resolution} px", closed, measured)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=100)
    parser.add_argument("--resolution", type=int, default=96)
    options = parser.parse_args()
    rows = golden_rows()
    print(pd.DataFrame(rows).to_string())
    for space in list_spaces():
        if len(load_space(space).families) > 1:
            continue  # its families have rows of their own
        found = member_row(space, options.members, options.resolution)
        if found:
            print(found)
            rows.append(found)
    for ending in ("csv", "md"):
        write_table(pd.DataFrame(rows), ROOT / f"results/closed_form_fidelity.{ending}")


if __name__ == "__main__":
    main()
