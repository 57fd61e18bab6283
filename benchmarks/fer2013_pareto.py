"""Found networks against the papers', trained alike: results/fer2013_sample_pareto.*

Run: python benchmarks/fer2013_pareto.py [--data ../shared/data/fer2013] [--epochs 20] [--seeds 2]
The four best of a search in each ZenNet space, within the published networks' FLOPs, beside four
presets; 48 px, one recipe. A run that was stopped goes on; about an hour on two cores.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = ROOT / "results/runs"
SEARCHES = {
    "m400": ("--space", "zennet_m", "--budget", "400M"),
    "r446": ("--space", "zennet_r", "--budget", "446M", "--max-layers", "10"),
}
PRESETS = ("zennet_m", "zennet_r", "efficientface", "emo_net")
RECIPE = ("--set", "init=zero_residual", "--set", "crop=none")
FORMATS = ("csv", "md", "tex", "png", "html")


def nasfer(*arguments: str | Path) -> None:
    """Run a command of nasfer as a user would."""
    subprocess.run([sys.executable, "-m", "nasfer", *map(str, arguments)], check=True, cwd=ROOT)


def main() -> None:
    """Search, train, tabulate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="../shared/data/fer2013")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=2)
    given = parser.parse_args()
    for name, search in SEARCHES.items():
        nasfer("search", *search, "--seed", "0", "--top", "4", "--out", RUNS / name)
    run = RUNS / "fer2013_pareto"
    nasfer(
        "tune", *(f"results/runs/{name}" for name in SEARCHES), *PRESETS, "--top", "4",
        "--data", f"fer2013:{given.data}", "--resolution", "48", "--seeds", str(given.seeds),
        "--epochs", str(given.epochs), *RECIPE, "--out", run,
    )  # fmt: skip
    nasfer("pareto", run, "--format", ",".join(FORMATS))
    for ending in FORMATS:
        content = (run / f"pareto.{ending}").read_bytes()
        (ROOT / f"results/fer2013_sample_pareto.{ending}").write_bytes(content)


if __name__ == "__main__":
    main()
