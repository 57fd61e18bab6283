"""How fast is the search? Proposals a second, whole-search time and memory, start-up times.

Run: python benchmarks/search_speed.py
Everything is measured in one process on one core unless said; ratios compare within this run.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from nasfer.presets import load_arch
from nasfer.proxies import Settings, score
from nasfer.searching import STRATEGIES, Budget, Evaluator, Objective
from nasfer.searching.proposing import no_garbage_collection
from nasfer.space import load_space

BUDGETS = {
    "zennet_m": Budget(max_flops=400_000_000, max_params=1_005_000, max_layers=14),
    "zennet_r": Budget(max_flops=446_000_000, max_layers=10),
}


def peak_mib() -> float:
    """Return this process's peak resident memory so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def proposals(name: str, iterations: int) -> tuple[float, float]:
    """Run proposal, feasibility and score; return proposals a second and the best score."""
    space = load_space(name)
    strategy = STRATEGIES.get("evolution")(space, seed=0)
    evaluate = Evaluator(BUDGETS[name], Objective(), Settings())
    start = time.perf_counter()
    with no_garbage_collection():
        for _ in range(iterations):
            arch = strategy.ask()
            strategy.tell(arch, evaluate(arch))
    return iterations / (time.perf_counter() - start), strategy.population.best()[0][1].value


def seconds(*command: str) -> float:
    """Return the best wall time of three runs of a command."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return min(times)


def whole_search() -> tuple[float, float]:
    """Return seconds and peak MiB of `scripts/search.sh --budget 450M`."""
    script = Path(__file__).parents[1] / "scripts" / "search.sh"
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        subprocess.run(
            [script, "--budget", "450M", "--out", f"{folder}/run"], check=True, capture_output=True
        )
        taken = time.perf_counter() - start
    return taken, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    for name in BUDGETS:
        rate, best = proposals(name, 480_000)
        print(f"{name}: {rate:,.0f} proposals/s over 480,000, best {best:.2f}; aim 50,000/s")
    before = peak_mib()
    proposals("zennet_r", 960_000)
    print(f"memory: {before:.0f} MiB after 480,000 proposals, {peak_mib():.0f} after 960,000 more")
    arch = load_arch("zennet_m")
    start = time.perf_counter()
    score(arch, "zen")  # warms torch up
    start = time.perf_counter()
    score(arch, "zen", seed=1)
    measured = time.perf_counter() - start
    print(f"one measured Zen-score of zennet_m: {measured:.2f} s, two cores")
    print(f"ratio: one measurement costs as much as {measured * rate:,.0f} proposals")
    helped = seconds(sys.executable, "-m", "nasfer", "--help")
    imported = seconds(sys.executable, "-c", "import nasfer") - seconds(sys.executable, "-c", "")
    print(f"nasfer --help: {helped:.2f} s (aim 0.5); import nasfer: {imported:.3f} s (aim 0.2)")
    taken, memory = whole_search()
    print(f"scripts/search.sh --budget 450M: {taken:.0f} s (aim 60), {memory:.0f} MiB (aim 2048)")


if __name__ == "__main__":
    main()
