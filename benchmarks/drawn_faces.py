"""How fast are faces drawn? Pictures a second on one core, grey and colour, by size and batch.

Run: python benchmarks/drawn_faces.py
Process time, the best of three, so that other work on the machine counts little.
"""

from __future__ import annotations

import time

import torch

from nasfer.data.sets.drawn import DrawnImages

PIXELS = 2_400_000  # of one measurement: 1041 faces at 48 px, 47 at 224 px


def faces_a_second(resolution: int, channels: int, batch: int) -> float:
    """Return pictures drawn in a second of processor time, read in batches of one size."""
    count = max(batch, PIXELS // resolution**2)
    images = DrawnImages("train", count, resolution=resolution, channels=channels)
    batches = torch.arange(count).split(batch)
    images.read(batches[0])  # the strip of noise is made once
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for indices in batches:
            images.read(indices)
        best = min(best, time.process_time() - start)
    return count / best


def main() -> None:
    """Print a table."""
    torch.set_num_threads(1)
    print("px  channels  batch  faces/s  us/face")
    for resolution, batch in ((48, 256), (48, 64), (48, 1), (112, 64), (224, 64), (224, 1)):
        for channels in (1, 3):
            speed = faces_a_second(resolution, channels, batch)
            print(f"{resolution:3d} {channels:8d} {batch:6d} {speed:8,.0f} {1e6 / speed:8,.0f}")


if __name__ == "__main__":
    main()
