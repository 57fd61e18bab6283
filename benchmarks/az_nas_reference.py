"""Measure AZ-NAS's frozen sample; writes nasfer/proxies/reference/az_nas.json.

Run: python benchmarks/az_nas_reference.py
Members of four of nasfer's spaces, drawn with seed 0, four of each space in each octave of FLOPs
from 2 M to 512 M at 48 px where a space reaches there; parts of one draw of 16 images at 48 px, and
at 224 px of those up to 48 M. A score is a place in this sample: where it is made anew by other
code, all scores of `az_nas` change. Five minutes of one core.
"""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import torch

from nasfer.arch import Arch
from nasfer.costs import cost
from nasfer.proxies._base import Settings
from nasfer.proxies.az_nas import PARTS
from nasfer.proxies.az_nas_parts import measure
from nasfer.space import load_space

OUT = Path(__file__).parents[1] / "nasfer/proxies/reference/az_nas.json"
SPACES = ("zennet_m", "zennet_r", "emo_net", "efficientface")
OCTAVES = range(1, 9)  # of M FLOPs at 48 px
EACH = 4
DRAWS = 3_000
LARGEST = 48e6  # FLOPs at 48 px of those that are measured at 224 px


def members() -> list[Arch]:
    """Draw the sample, the same one each time."""
    chosen = []
    for name in SPACES:
        space, rng = load_space(name), random.Random(0)
        found: dict[int, list[Arch]] = {octave: [] for octave in OCTAVES}
        for _ in range(DRAWS):
            arch = space.sample(rng=rng)
            octave = int(math.log2(cost(arch, 48).flops / 1e6))
            if octave in found and len(found[octave]) < EACH:
                found[octave].append(arch)
        chosen += [arch for archs in found.values() for arch in archs]
    return chosen


def parts(archs: list[Arch], resolution: int) -> dict[str, list[float]]:
    """Measure all parts of some networks, rounded to six digits."""
    columns: dict[str, list[float]] = {name: [] for name in PARTS}
    for index, arch in enumerate(archs):
        found = measure(arch, Settings(seed=0, resolution=resolution, batch=16))
        values = (found.expressivity, found.progressivity, found.trainability)
        for name, value in zip(PARTS, (*values, cost(arch, resolution).flops)):
            columns[name].append(float(f"{value:.6g}"))
        print(f"{resolution} px: {index + 1} of {len(archs)}", flush=True)
    return columns


def main() -> None:
    """Measure and write."""
    torch.set_num_threads(1)
    archs = members()
    small = [arch for arch in archs if cost(arch, 48).flops <= LARGEST]
    data = {
        "made_by": "benchmarks/az_nas_reference.py", "batch": 16, "seed": 0,
        "structures": [str(arch) for arch in archs],
        "sizes": {"48": parts(archs, 48), "224": parts(small, 224)},
    }  # fmt: skip
    OUT.write_text(json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    main()
