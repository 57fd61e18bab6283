"""What ``cost()`` says of a preset is what torch and fvcore count, at every size it allows."""

from __future__ import annotations

import sys

import pytest
import torch

from nasfer.costs import cost, layer_table
from nasfer.costs.cost import check_params
from nasfer.errors import SpecError
from nasfer.models import Network, create_model
from nasfer.presets import PRESETS
from tests.fvcore_count import fvcore_flops

SIZES = (48, 112, 160, 224)

SMALLEST = {"amp_net": 25, "attention_emotion_net": 8, "efficientface": 9}
"""Smallest image that a network takes, in pixels; the others take a single pixel."""


def empty(name: str, classes: int) -> Network:
    """Build a preset without initial weights, which take longer than counting."""
    with torch.device("meta"):
        model = create_model(PRESETS.get(name).arch, num_classes=classes)
    return model.to_empty(device="cpu")


@pytest.mark.parametrize("classes", [7, 8])
@pytest.mark.parametrize("name", PRESETS.names())
def test_cost_equals_parameters_and_fvcore(name: str, classes: int) -> None:
    model = empty(name, classes)
    params = sum(p.numel() for p in model.parameters())
    for image_px in SIZES:
        counted = cost(model.arch, image_px)
        assert counted.params == params
        flops = fvcore_flops(model, 1, model.arch.in_channels, image_px, image_px)
        assert counted.flops == flops, image_px


@pytest.mark.parametrize("name", PRESETS.names())
def test_the_size_that_is_checked_before_building_is_the_size(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    preset = PRESETS.get(name)
    module = sys.modules["nasfer.costs.cost"]  # the function hides it in its room
    monkeypatch.setattr(module, "MOST_PARAMS", preset.params)
    check_params(preset.arch)
    monkeypatch.setattr(module, "MOST_PARAMS", preset.params - 1)
    with pytest.raises(SpecError, match=f"a network of {preset.params:,} parameters"):
        check_params(preset.arch)


@pytest.mark.parametrize("name", PRESETS.names())
def test_the_smallest_image_is_torchs_and_a_smaller_one_is_named(name: str) -> None:
    model, smallest = empty(name, 7), SMALLEST.get(name, 1)
    channels = model.arch.in_channels
    counted = fvcore_flops(model, 1, channels, smallest, smallest)
    assert cost(model.arch, smallest).flops == counted
    for image_px in range(1, smallest):
        for read in (cost, layer_table):
            with pytest.raises(SpecError, match=rf"^resolution: {image_px} px is too") as caught:
                read(model.arch, image_px)
            assert "\n" not in str(caught.value)
    if smallest > 1:
        with pytest.raises((RuntimeError, SpecError)):
            fvcore_flops(model, 1, channels, smallest - 1, smallest - 1)
