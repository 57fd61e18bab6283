"""Crop ``eased``: shifts follow what the epoch before has shown, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from nasfer.data import FaceData
from nasfer.data.sets.drawn import drawn_data
from nasfer.training.augment.affine import PAD, draw_geometry
from nasfer.training.augment.easing import STEP, eased_shift
from nasfer.training.loop import Training
from nasfer.training.recipe import Recipe
from nasfer.training.settings import Epoch
from tests.training.test_run import interrupted, run, settings

EASED = Recipe(epochs=4, batch_size=32, lr=3e-3, crop="eased", flip=0.5)


def after(train: float, val: float, shift: float = 0.0) -> float:
    epoch = Epoch(1, 1e-3, 1.0, train, val, 1.0, 100.0, 1.0, shift)
    return eased_shift(epoch, majority=0.25, count=700, most=1 / PAD)


@pytest.fixture(scope="module")
def faces() -> FaceData:
    return drawn_data(train=160, val=56, test=56)


def test_the_first_epoch_shifts_nothing() -> None:
    assert eased_shift(None, majority=0.25, count=700, most=1 / PAD) == 0


@pytest.mark.parametrize(
    ("train", "val", "steps"),
    [
        (0.60, 0.40, 1),  # overfits
        (0.41, 0.40, 0),  # within two standard errors
        (0.30, 0.40, -1),  # underfits
        (0.60, 0.26, -1),  # by heart: validation is at the majority share
        (0.22, 0.14, -1),  # has not begun to learn
    ],
)
def test_shifts_grow_while_a_network_overfits_and_shrink_at_chance(
    train: float, val: float, steps: int
) -> None:
    assert after(train, val, 3 * STEP) == pytest.approx((3 + steps) * STEP)


def test_shifts_stay_between_none_and_the_most() -> None:
    assert after(0.2, 0.2) == 0
    assert after(0.9, 0.4, 1 / PAD) == 1 / PAD


def test_no_shift_leaves_faces_in_place_and_others_reach_it() -> None:
    def pixels(shift: float) -> torch.Tensor:
        generator = torch.Generator().manual_seed(0)
        matrix, _ = draw_geometry(Recipe(crop="eased"), 500, 48, generator, shift)
        return matrix[:, :2, 2] * 24

    assert not pixels(0.0).any()
    assert pixels(2 / 48).abs().max().item() == pytest.approx(2, abs=1e-4)


def test_each_epoch_keeps_its_shift(tmp_path: Path, faces: FaceData) -> None:
    for crop, shift in (("pad", 1 / PAD), ("none", 0.0)):
        chosen = settings(EASED.with_options({"crop": crop, "epochs": 1}))
        assert run(tmp_path / crop, faces, chosen).history[0].shift == shift


def test_a_killed_training_eases_as_an_undisturbed_one(
    tmp_path: Path, faces: FaceData, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Training._shift

    def grown(self: Training) -> float:  # so small a network learns too little to overfit
        return whole(self) if not self.history else self.history[-1].shift + STEP

    monkeypatch.setattr(Training, "_shift", grown)
    undisturbed = run(tmp_path / "whole", faces, settings(EASED))
    interrupted(tmp_path / "killed", faces, monkeypatch, 12, settings(EASED))
    resumed = run(tmp_path / "killed", faces, settings(EASED))
    assert [round(epoch.shift / STEP) for epoch in resumed.history] == [0, 1, 2, 3]
    assert resumed.test == undisturbed.test


def test_epochs_of_older_states_are_read() -> None:
    row = Epoch(1, 1e-3, 1.0, 0.5, 0.4, 1.0, 100.0, 1.0).row()
    del row["shift"]
    assert Epoch(**row).shift == 0
