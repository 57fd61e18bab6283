"""Networks say what they read; class layers come off, features come out, as in timm."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from nasfer.arch import parse_arch
from nasfer.errors import CheckpointError, SpecError
from nasfer.inference.opened import build_network
from nasfer.models import (
    FeatureMaps,
    Network,
    create_model,
    describe,
    load_checkpoint,
    load_network,
    save_checkpoint,
)
from nasfer.presets import PRESETS, load_arch
from tests.presets.test_amp_net import SMALL

ROOT = Path(__file__).parents[2]

TINY = parse_arch("SuperConvK3BNRELU(3,8,2,1)SuperResIDWE4K3(8,16,2,8,1)")
AMP = parse_arch(SMALL.format(classes=7, options=",beta=0.25"))
ATTENTION = parse_arch(
    "SuperConvK3BNRELU(3,8,2,1)AttentionHead(8,7,hidden=16)",
)
ARCHES = {"plain": TINY, "landmarks": AMP, "three linears": ATTENTION}


def test_nobody_outside_models_asks_for_the_kind_of_a_network() -> None:
    asked = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "nasfer").rglob("*.py"))
        if "models" not in path.parts
        and re.search(r"(isinstance\(|import).*LandmarkNetwork", path.read_text())
    ]
    assert asked == []


@pytest.mark.parametrize("name", PRESETS.names())
def test_every_preset_runs_on_its_own_example_inputs(name: str) -> None:
    model = create_model(PRESETS.get(name).arch).eval()
    inputs = model.example_inputs(1, 64)
    assert len(inputs) == (2 if model.reads_landmarks else 1)
    with torch.no_grad():
        outputs = model.outputs(*inputs)
        predicted = model.predict(*inputs)
    assert len(outputs) == len(model.output_weights)
    assert abs(sum(model.output_weights) - 1) < 1e-9
    mixed = sum(w * part for w, part in zip(model.output_weights, outputs))
    assert torch.allclose(predicted, mixed)
    cfg, preset = model.default_cfg, PRESETS.get(name)
    channels = preset.arch.in_channels
    assert cfg["input_size"] == (channels, preset.resolution, preset.resolution)
    assert cfg["mean"] == (preset.mean or (0.0,) * channels)
    assert isinstance(model.get_submodule(cfg["first_conv"]), torch.nn.Conv2d)


@pytest.mark.parametrize("arch", ARCHES.values(), ids=list(ARCHES))
def test_example_inputs_are_drawn_by_the_generator_alone(arch: object) -> None:
    model = create_model(arch)  # type: ignore[arg-type]
    drawn = [model.example_inputs(2, 64, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
    for one, same, other in zip(*drawn):
        assert torch.equal(one, same)
        assert not torch.equal(one, other)
    for one, same in zip(model.example_inputs(2, 64), model.example_inputs(2, 64)):
        assert torch.equal(one, same)


@pytest.mark.parametrize("arch", ARCHES.values(), ids=list(ARCHES))
def test_without_a_class_layer_the_pooled_features_come_out(arch: object) -> None:
    model = create_model(arch, num_classes=0).eval()  # type: ignore[arg-type]
    inputs = model.example_inputs(3, 64, torch.Generator().manual_seed(0))
    with torch.no_grad():
        features = model(*inputs)
        again = model.forward_head(model.forward_features(inputs[0]), *inputs[1:])
        model.reset_classifier(5)
        read = model.forward_head(model.forward_features(inputs[0]), *inputs[1:], pre_logits=True)
        outputs = model.outputs(*inputs)
    assert features.shape == (3, model.num_features)
    assert torch.equal(features, again)
    assert torch.equal(features, read)
    assert all(logits.shape == (3, 5) for logits in outputs)
    assert (model.num_classes, model.arch.classes) == (5, 5)


@pytest.mark.parametrize("arch", ARCHES.values(), ids=list(ARCHES))
def test_a_network_of_a_fresh_class_layer_is_that_of_its_arch(arch: object) -> None:
    model = create_model(arch)  # type: ignore[arg-type]
    before = {key: value.clone() for key, value in model.state_dict().items()}
    model.reset_classifier(8)
    fresh = create_model(model.arch).state_dict()
    ours = model.state_dict()
    assert {k: v.shape for k, v in ours.items()} == {k: v.shape for k, v in fresh.items()}
    changed = {key for key in ours if not torch.equal(ours[key], before[key])}
    assert changed == {
        f"{name}.{part}" for name in model.classifiers for part in ("weight", "bias")
    }


def test_a_class_layer_keeps_the_networks_type() -> None:
    model = create_model(TINY).double()
    model.reset_classifier(4)
    assert all(parameter.dtype == torch.float64 for parameter in model.parameters())
    with pytest.raises(SpecError, match="`num_classes`: -1 is negative"):
        model.reset_classifier(-1)


@pytest.fixture
def checkpoint(tmp_path: Path) -> tuple[Network, Path]:
    model = create_model(load_arch("zennet_r"), num_classes=8).eval()
    save_checkpoint(model, tmp_path / "best.safetensors", describe(model, "zennet_r"))
    return model, tmp_path / "best.safetensors"


def test_a_checkpoint_alone_is_a_network_with_its_weights(checkpoint: tuple[Network, Path]) -> None:
    model, path = checkpoint
    for found in (load_network(path), build_network(str(path)), build_network(path)):
        assert found.arch == model.arch
        for key, value in model.state_dict().items():
            assert torch.equal(found.state_dict()[key], value)
    assert found.info is not None
    assert found.default_cfg["input_size"] == (3, 224, 224)


def test_a_checkpoints_network_goes_on_with_other_classes(checkpoint: tuple[Network, Path]) -> None:
    model, path = checkpoint
    images = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        wanted = model.forward_head(model.forward_features(images), pre_logits=True)
        for other in (
            build_network(path, num_classes=0),
            build_network("zennet_r", num_classes=0, checkpoint_path=path),
            load_checkpoint(create_model(model.arch, num_classes=0), path),
        ):
            assert torch.equal(other.eval()(images), wanted)
        other = build_network(path, num_classes=3).eval()
        assert other(images).shape == (2, 3)
        assert torch.equal(other.forward_head(other.features(images), pre_logits=True), wanted)
    with pytest.raises(CheckpointError, match="`in_chans`: 1; its weights read 3"):
        build_network(path, in_chans=1)


def test_a_network_without_class_layer_is_not_written(tmp_path: Path) -> None:
    model = create_model(TINY, num_classes=0)
    with pytest.raises(CheckpointError, match="no class layer to write"):
        save_checkpoint(model, tmp_path / "a.safetensors", describe(model, ""))


def test_feature_info_is_what_the_maps_are() -> None:
    model = create_model(load_arch("zennet_m")).eval()
    for indices in (None, (1, 3), (-1,), (4, 0)):
        backbone = FeatureMaps(model, indices)
        maps = backbone(torch.zeros(1, 3, 64, 64))
        info = backbone.feature_info
        assert info.channels() == [part.shape[1] for part in maps] == backbone.channels
        assert info.reduction() == [64 // part.shape[2] for part in maps]
        assert len(maps) == len(indices or info.stages)
    assert len(FeatureMaps(model, (0,)).features) < len(model.features)
    with pytest.raises(SpecError, match="`out_indices`: 9; this network has maps 0 to 4"):
        FeatureMaps(model, (0, 9))
