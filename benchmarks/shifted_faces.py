"""Does a fresh network see that a face moved by a pixel is the same face?

Run: python benchmarks/shifted_faces.py [--data ../shared/data/fer2013] [--networks zennet_m ...]
Prints the correlation of the last features of a face and of the face one pixel to the side, beside
that of two different faces: means over 64 faces and three seeds, batch norm in train mode. The
proxy `shift` is the first figure from Kaiming weights.
"""

from __future__ import annotations

import argparse

import torch
from torch import Tensor

from nasfer.data import load_data
from nasfer.models import create_model
from nasfer.presets.load import load_arch
from nasfer.proxies.shift import directions
from nasfer.training.start import initialise

FACES = 64
SEEDS = 3


def correlations(name: str, start: str, faces: Tensor) -> tuple[float, float]:
    """Return the mean correlation with the shifted face, and with other faces."""
    shifted, others = [], []
    for seed in range(SEEDS):
        torch.manual_seed(seed)
        model = create_model(load_arch(name), num_classes=7).train()
        initialise(model, start)
        plain, moved = directions(model, faces)
        shifted.append((plain * moved).sum(1).mean())
        others.append(((plain @ plain.T).sum() - FACES) / (FACES * (FACES - 1)))
    return float(torch.stack(shifted).mean()), float(torch.stack(others).mean())


def main() -> None:
    """Print one line a network and start."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="../shared/data/fer2013")
    parser.add_argument("--networks", nargs="*", default=("zennet_m", "emo_net", "zennet_r"))
    given = parser.parse_args()
    torch.set_num_threads(1)
    data = load_data(f"fer2013:{given.data}", resolution=48)
    pixels = data.splits["train"].images.read(torch.arange(FACES)).float() / 255
    faces = ((pixels - data.mean[0]) / data.std[0]).expand(-1, 3, -1, -1).contiguous()
    for name in given.networks:
        for start in ("torch", "zero_residual", "near_linear"):
            shifted, other = correlations(name, start, faces)
            print(f"{name} {start}: one pixel aside {shifted:.2f}, other faces {other:.2f}")


if __name__ == "__main__":
    main()
