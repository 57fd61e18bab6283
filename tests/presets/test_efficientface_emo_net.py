"""EfficientFace and EMO-Net are the published networks: same counts, same keys, same logits."""

from __future__ import annotations

import pytest
import torch

from nasfer.costs import cost
from nasfer.models import create_model
from nasfer.presets import PRESETS
from tests.golden_weights import golden, golden_input, golden_state

NAMES = ["efficientface", "emo_net"]


@pytest.mark.parametrize("name", NAMES)
def test_cost_equals_the_published_networks_count(name: str) -> None:
    preset, figures = PRESETS.get(name), golden(name)
    counted = cost(preset.arch, preset.resolution)
    assert counted.params == preset.params == figures["params"]
    assert counted.flops == preset.flops == figures["flops_fvcore"]


@pytest.mark.parametrize("name", NAMES)
def test_logits_equal_the_published_networks(name: str) -> None:
    preset, figures = PRESETS.get(name), golden(name)
    published = golden_state(figures)
    model = create_model(preset.arch)
    keys = {key: preset.published_key(key) for key in model.state_dict()}
    assert sorted(keys.values()) == sorted(published)
    model.load_state_dict({ours: published[theirs] for ours, theirs in keys.items()})
    with torch.no_grad():
        logits = model.eval()(golden_input(figures))
    wanted = torch.tensor(figures["outputs"][0])
    assert (logits - wanted).abs().max() <= 1e-4 * wanted.abs().max()


@pytest.mark.parametrize(("name", "gap"), [("efficientface", 0.0002), ("emo_net", 0.04)])
def test_gap_to_the_printed_flops(name: str, gap: float) -> None:
    preset = PRESETS.get(name)
    printed = {"154.18M": 154.18e6, "0.34G": 0.34e9}[preset.published.flops or ""]
    assert abs(preset.flops / printed - 1) < gap
