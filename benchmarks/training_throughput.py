"""Does the training loop cost anything? Images a second against a bare loop, ZenNet-M at 48 px.

Run: python benchmarks/training_throughput.py [--batches 12] [--rounds 3]
The bare loop has its batch in memory, ready made: no reading, no augmentation, no figures. Both run
in turn, round after round, so that what else the machine does meets both alike.
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch

from nasfer.data.faces import FaceData, Faces, MemoryImages
from nasfer.data.sets.drawn import drawn_data
from nasfer.models import CheckpointInfo, create_model
from nasfer.presets import load_arch
from nasfer.training.loop import Training
from nasfer.training.losses import make_loss
from nasfer.training.optim.optimisers import Optimiser
from nasfer.training.recipe import load_recipe

BATCH = 128


def in_memory(batches: int) -> FaceData:
    """Drawn faces, drawn once: the loop is measured, not the drawing."""
    drawn = drawn_data(train=BATCH * batches, val=70, test=70)
    faces = drawn.splits["train"]
    pixels = faces.images.read(torch.arange(len(faces)))
    kept = Faces(MemoryImages(pixels), faces.targets, faces.class_names, faces.names)
    splits = {"train": kept, "val": drawn.splits["val"], "test": drawn.splits["test"]}
    return FaceData("drawn", "drawn", drawn.class_names, splits, mean=drawn.mean, std=drawn.std)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    arch, data, recipe = load_arch("zennet_m"), in_memory(options.batches), load_recipe("nasfer")
    recipe = recipe.with_options({"epochs": "1000", "batch_size": str(BATCH)})
    info = CheckpointInfo(str(arch), data.class_names, 48, data.mean * 3, data.std * 3)
    training = Training(create_model(arch), data, recipe, info, seed=0)

    model = create_model(arch).train()
    images = torch.randn(BATCH, 3, 48, 48)
    if recipe.channels_last:
        model.to(memory_format=torch.channels_last)
        images = images.contiguous(memory_format=torch.channels_last)
        training.model.to(memory_format=torch.channels_last)
    targets = data.splits["train"].targets[:BATCH]
    loss = make_loss(recipe)
    optimiser = Optimiser(model, recipe, steps_per_epoch=options.batches, epochs=1000)
    ratios = []
    for _ in range(options.rounds):
        ours = training.run_epoch(lambda progress: None).images_per_second
        started = time.monotonic()
        for _ in range(options.batches):
            optimiser.step(lambda: loss((model(images),), targets))
        bare = BATCH * options.batches / (time.monotonic() - started)
        ratios.append(ours / bare)
        print(f"{ours:.0f} images/s, bare loop {bare:.0f}, ratio {ours / bare:.3f}", flush=True)
    print(f"median ratio {statistics.median(ratios):.3f} (aim 0.95)")


if __name__ == "__main__":
    main()
