"""Pools of trained networks and the scores of every proxy on them, for benchmarks/proxies.py."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nasfer.arch import Arch
from nasfer.errors import ProxyError
from nasfer.pools import Pool, read_pool
from nasfer.proxies import PROXIES, Proxy, score
from nasfer.runs.appended import append_line

ROOT = Path(__file__).parents[1]
SCORES = ROOT / "results/runs/proxies.jsonl"
SEED = 0


@dataclass(frozen=True)
class Case:
    """A pool, and how it is scored.

    Args:
        name: in the table.
        file: of the pool; from the shared folder, else from this checkout.
        sample: networks that measured proxies score, drawn once; 0: all.
        resolution: of measured scores, in pixels; 0: the pool's.
        faces: data set of the proxies that read faces, from the shared folder; empty: they do not
            score this pool.
    """

    name: str
    file: str
    sample: int = 0
    resolution: int = 0
    faces: str = ""

    def read(self, shared: Path) -> Pool:
        """Return the pool."""
        path = shared / self.file
        return read_pool(path if path.exists() else ROOT / self.file)

    def measured_on(self, pool: Pool) -> Pool:
        """Return the networks that measured proxies score."""
        if not self.sample:
            return pool
        return pool.take(sorted(random.Random(SEED).sample(range(len(pool)), self.sample)))


CASES = (
    Case("faces", "pool/fer2013_48px_8epochs.csv", faces="data/fer2013"),
    Case("faces_20_epochs", "results/fer2013_sample_pareto.csv", resolution=48,
         faces="data/fer2013"),
    Case("macro", "bench/nas-bench-macro_cifar10.json", sample=100),
    Case("accel", "bench/accel-nasbench_imagenet.json", sample=40, resolution=64),
)  # fmt: skip


def wanted(case: Case, proxy: Proxy, pool: Pool, faces: str) -> Iterator[tuple[str, Arch, int]]:
    """Yield the networks that a proxy scores, each with the key of its score and the pixels."""
    side = case.resolution if proxy.measured else pool.resolution
    if proxy.needs_data and not faces:
        return
    for arch in (case.measured_on(pool) if proxy.measured else pool).archs:
        px = side or pool.resolution or case.resolution
        yield f"{proxy.name} {px} {arch.digest()}", arch, px


def measure(
    case: Case, pool: Pool, faces: str, known: dict[str, dict[str, object]], names: list[str]
) -> None:
    """Score a pool by measured proxies, but for what is known; the quick ones first."""
    measured = [proxy for proxy in PROXIES if proxy.measured]
    for proxy in sorted(measured, key=lambda p: p.name == "early_loss"):  # the slow one last
        if names and proxy.name not in names:
            continue
        for key, arch, px in wanted(case, proxy, pool, faces):
            if key in known:
                continue
            line = {"key": key, **scored(arch, proxy, px, faces)}
            known[key] = line
            append_line(SCORES, line)
        print(f"{case.name}: {proxy.name}", flush=True)


def scored(arch: Arch, proxy: Proxy, px: int, faces: str) -> dict[str, object]:
    """Return a score, or why there is none, and the seconds that it took."""
    began = time.process_time()
    try:
        value = score(
            arch, proxy.name, seed=SEED, resolution=px, data=faces if proxy.needs_data else None
        )
    except ProxyError as error:
        return {"score": None, "error": str(error), "seconds": time.process_time() - began}
    return {"score": float(value), "error": "", "seconds": time.process_time() - began}
