"""What does the search find, next to the published networks? Writes results/zennet_search.{csv,md}.

Run: python benchmarks/search_quality.py [--iterations 480000]
Winners are chosen on draws of seeds 0-2 and judged on draws of seeds 100-109, which the choice has
not seen; both means are printed.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pandas as pd

import nasfer
from nasfer.report import write_table

RESULTS = Path(__file__).parents[1] / "results"

CASES: dict[str, dict[str, Any]] = {
    "zennet_m": {"budget": "400M", "max_params": "1005000", "max_layers": "14"},
    "zennet_r": {"budget": "446M", "max_layers": "10"},
}


def row(name: str, arch: Any) -> dict[str, Any]:
    """Measure one network on fresh draws and describe it."""
    cost = nasfer.cost(arch)
    chosen_on = nasfer.score(arch, "zen", seed=0, repeats=3)
    fresh = nasfer.score(arch, "zen", seed=100, repeats=10)
    return {
        "network": name,
        "zen_mean": float(fresh),
        "zen_std": fresh.std,
        "zen_seeds_0_2": float(chosen_on),
        "zen_closed_form": float(nasfer.score(arch, "zen_closed_form")),
        "flops": cost.flops,
        "params": cost.params,
        "layers": cost.layers,
        "structure": str(nasfer.load_arch(arch)),
    }


def main() -> None:
    """Search each case with three seeds and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--iterations", type=int, default=480_000)
    iterations = parser.parse_args().iterations
    rows = []
    for space, case in CASES.items():
        rows.append(row(f"{space} (published)", space))
        found = []
        for seed in range(3):
            result = nasfer.search(space, seed=seed, iterations=iterations, **case)
            found.append(row(f"{space} found, seed {seed}", result.best.arch))
            print(found[-1])
        mean = sum(entry["zen_mean"] for entry in found) / len(found)
        chosen = sum(entry["zen_seeds_0_2"] for entry in found) / len(found)
        print(f"{space}: mean of found {mean:.2f} (fresh draws), {chosen:.2f} (draws chosen on)")
        rows += found
    table = pd.DataFrame(rows)
    for ending in ("csv", "md"):
        write_table(table, RESULTS / f"zennet_search.{ending}")


if __name__ == "__main__":
    main()
