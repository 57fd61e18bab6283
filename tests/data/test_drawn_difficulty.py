"""Drawn faces are worth training on: out of reach of a linear model, within that of a small CNN."""

from __future__ import annotations

import warnings

import pytest
import torch
from torch import Tensor, nn

from nasfer.data.faces import FaceData
from nasfer.data.sets.drawn import drawn_data
from nasfer.inference.prepare import prepare

EPOCHS, BATCH = 10, 64


def split(data: FaceData, name: str) -> tuple[Tensor, Tensor]:
    faces = data.splits[name]
    pixels = faces.images.read(torch.arange(len(faces)))
    return prepare(pixels, resolution=48, channels=1, mean=data.mean, std=data.std), faces.labels


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_linear_model_stays_under_60_percent(seed: int) -> None:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    data = drawn_data(train=4000, test=800, seed=seed)
    (images, labels), (unseen, truth) = split(data, "train"), split(data, "test")
    accuracies = []
    for inverse_penalty in (1e-4, 1e-3, 1e-2, 1.0):
        model = LogisticRegression(C=inverse_penalty, max_iter=100)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(images.flatten(1).numpy(), labels.numpy())
        accuracies.append(float(model.score(unseen.flatten(1).numpy(), truth.numpy())))
    assert 1.2 / 7 < max(accuracies) < 0.60, accuracies


def block(inputs: int, outputs: int) -> nn.Module:
    conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2))


def trained(images: Tensor, labels: Tensor) -> nn.Module:
    """Train four blocks, 171,311 parameters, one to two minutes on one core."""
    torch.manual_seed(0)
    blocks = [block(*pair) for pair in ((1, 24), (24, 48), (48, 96), (96, 128))]
    net = nn.Sequential(*blocks, nn.Flatten(), nn.Dropout(0.2), nn.Linear(128 * 9, 7))
    assert sum(p.numel() for p in net.parameters()) <= 300_000
    net = net.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(net.parameters(), weight_decay=0.05)
    steps = EPOCHS * (len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 5e-3, total_steps=steps)
    loss = nn.CrossEntropyLoss(label_smoothing=0.05)
    for _ in range(EPOCHS):
        order = torch.randperm(len(images))
        for batch in order[: len(images) // BATCH * BATCH].split(BATCH):
            optimiser.zero_grad()
            loss(net(images[batch]), labels[batch]).backward()
            optimiser.step()
            schedule.step()
    return net.eval()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_small_cnn_exceeds_85_percent(seed: int) -> None:
    data = drawn_data(train=4000, test=800, seed=seed)
    net = trained(*split(data, "train"))
    unseen, truth = split(data, "test")
    with torch.no_grad():
        accuracy = float((net(unseen).argmax(1) == truth).float().mean())
    assert accuracy > 0.85, accuracy
