"""Starts and adjustments: published values, and the layers that they are for."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import Tensor, nn
from torchvision.ops import StochasticDepth

from nasfer.arch import parse_arch
from nasfer.data.sets.drawn import DrawnImages
from nasfer.errors import SpecError
from nasfer.models import create_model
from nasfer.models.network import Network
from nasfer.models.residuals import residual_links
from nasfer.presets.load import load_arch
from nasfer.training.recipe import Recipe
from nasfer.training.start import PLAIN_WIDTH, RECTIFIERS, ZENNET_GAIN, adjust, initialise

SMALL = "SuperConvK3BNRELU(3,32,2,1)SuperResIDWE2K3(32,48,2,32,2)SuperConvK1BNRELU(48,256,1,1)"
DEEP = (
    "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K7(8,32,2,8,4)SuperResIDWE4K7(32,24,2,32,2)"
    "SuperConvK1BNRELU(24,2048,1,1)"
)
LINKED = "AttentionConv(3,16,16,residual=1,stochastic_depth=0.2)AttentionSE(16,16,residual=1)"


def network(structure: str = SMALL) -> Network:
    torch.manual_seed(0)
    return create_model(parse_arch(structure))


def test_torchs_start_is_what_the_layers_gave_themselves() -> None:
    one, other = network(), network()
    initialise(one, "torch")
    for a, b in zip(one.parameters(), other.parameters()):
        assert torch.equal(a, b)
    with pytest.raises(SpecError, match="init: 'x': torch, zero_residual, near_linear"):
        initialise(one, "x")


def test_zennets_start_has_the_published_deviations() -> None:
    model = network()
    initialise(model, "zennet")
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            inputs, outputs = (
                layer.weight[0].numel(),
                layer.out_channels * layer.weight[0, 0].numel(),
            )
            wanted = ZENNET_GAIN * math.sqrt(2 / (inputs + outputs))
            tolerance = 4 / math.sqrt(2 * layer.weight.numel())
            assert layer.weight.std().item() == pytest.approx(wanted, rel=tolerance)
        if isinstance(layer, nn.Linear):
            wanted = ZENNET_GAIN * math.sqrt(2 / (layer.in_features + layer.out_features))
            assert layer.weight.std().item() == pytest.approx(wanted, rel=0.1)
            assert not layer.bias.any()


def test_zennets_residuals_start_as_their_shortcuts() -> None:
    model = network()
    initialise(model, "zennet")
    links, images = residual_links(model), torch.randn(2, 32, 8, 8)
    assert len(links) == 4
    for link in links:
        channels = next(m for m in link.body.modules() if isinstance(m, nn.Conv2d)).in_channels
        images = torch.randn(2, channels, 8, 8)
        assert not link.body(images).any()
        assert not [m for m in link.body.modules() if isinstance(m, nn.BatchNorm2d)][
            -1
        ].weight.any()
    zeroed = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d) and not m.weight.any()]
    assert len(zeroed) == len(links)


def test_batch_norms_momentum_is_the_recipes() -> None:
    model = network()
    adjust(model, Recipe(bn_momentum=0.01))
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    assert {norm.momentum for norm in norms} == {0.01}


def test_stochastic_depth_grows_to_the_recipes_rate() -> None:
    model = network()
    adjust(model, Recipe())
    assert all(isinstance(link.drop, nn.Identity) for link in residual_links(model))
    adjust(model, Recipe(stochastic_depth=0.4))
    rates = [link.drop.p for link in residual_links(model)]
    assert rates == pytest.approx([0.1, 0.2, 0.3, 0.4])


def test_stochastic_depth_drops_bodies_of_images_in_training_alone() -> None:
    (link, *_) = residual_links(network())
    images = torch.randn(400, 32, 4, 4)
    link.drop = StochasticDepth(0.5, mode="row")
    link.eval()
    with torch.no_grad():
        body, shortcut = link.body(images), link.shortcut(images)
        torch.testing.assert_close(link(images), body + shortcut)
        link.train()
        for module in link.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        result = link(images)
    dropped = torch.tensor([torch.equal(a, b) for a, b in zip(result, shortcut)])
    assert dropped.float().mean().item() == pytest.approx(0.5, abs=0.1)
    torch.testing.assert_close(result[~dropped], (2 * body + shortcut)[~dropped])


def test_the_recipes_stochastic_depth_replaces_the_architectures() -> None:
    images = torch.randn(64, 3, 16, 16)
    untouched, replaced = network(LINKED), network(LINKED)
    adjust(untouched, Recipe())
    adjust(replaced, Recipe(stochastic_depth=0.0))
    for model, same in ((untouched, False), (replaced, True)):
        torch.manual_seed(0)
        one = model.features(images)
        assert torch.equal(one, model.features(images)) is same


def test_stochastic_depth_needs_residual_links() -> None:
    plain = network("SuperConvK3BNRELU(3,8,2,1)")
    adjust(plain, Recipe(stochastic_depth=0.0))
    with pytest.raises(SpecError, match=r"stochastic_depth: 0\.1: .*no residual links"):
        adjust(plain, Recipe(stochastic_depth=0.1))


def test_zero_residual_changes_the_last_norm_of_each_body_alone() -> None:
    torch.manual_seed(0)
    plain = network()
    changed = copy.deepcopy(plain)
    initialise(changed, "zero_residual")
    differing = {
        name
        for (name, ours), theirs in zip(changed.named_parameters(), plain.parameters(), strict=True)
        if not torch.equal(ours, theirs)
    }
    assert len(differing) == len(residual_links(plain)) > 0
    assert all(not changed.get_parameter(name).any() for name in differing)


def of_shifted_faces(model: Network, images: Tensor) -> float:
    """Correlate the features of images and of images one pixel aside."""
    both = torch.cat([images, images.roll(1, 3)])
    with torch.no_grad():
        features = model.train()(both)
    features = nn.functional.normalize(features - features.mean(0), dim=1)
    return float((features[: len(images)] * features[len(images) :]).sum(1).mean())


def test_near_linear_reads_a_shifted_face_as_the_same_face() -> None:
    images = DrawnImages("train", 32, channels=3).read(torch.arange(32)).float() / 255 - 0.5
    found = {}
    for init in ("torch", "zero_residual", "near_linear"):
        torch.manual_seed(0)
        model = create_model(load_arch("zennet_m"), num_classes=0)
        initialise(model, init)
        found[init] = of_shifted_faces(model, images)
    assert found["near_linear"] > found["torch"] + 0.2, found
    assert found["near_linear"] > found["zero_residual"] + 0.2, found


def passed(model: Network, images: Tensor) -> list[float]:
    """Return the share of positive values that each ReLU of the trunk reads."""
    shares: list[float] = []
    hooks = [
        module.register_forward_pre_hook(lambda _, given: shares.append(_positive(given[0])))
        for module in model.features.modules()
        if isinstance(module, RECTIFIERS)
    ]
    with torch.no_grad():
        model.train()(images)
    for hook in hooks:
        hook.remove()
    return shares


def _positive(values: Tensor) -> float:
    return (values > 0).float().mean().item()


@pytest.mark.parametrize("name", ["zennet_m", "zennet_r", "emo_net", "efficientface"])
def test_near_linear_lets_relus_pass_nearly_all_but_the_last(name: str) -> None:
    torch.manual_seed(0)
    model, images = create_model(load_arch(name)), torch.randn(4, 3, 48, 48)
    (*_, plain) = passed(model, images)
    initialise(model, "near_linear")
    *inner, last = passed(model, images)
    assert min(inner) > 0.85, inner
    assert last == pytest.approx(plain, abs=0.1)
    assert plain < 0.7


def test_near_linear_draws_nothing_and_changes_norms_alone() -> None:
    plain, changed = network(DEEP), network(DEEP)
    state = torch.get_rng_state()
    initialise(changed, "near_linear")
    assert torch.equal(state, torch.get_rng_state())
    for (name, one), other in zip(changed.named_parameters(), plain.parameters(), strict=True):
        assert one.ndim == 1 or torch.equal(one, other), name


def test_near_linear_links_without_layers_begin_as_links() -> None:
    model = network("SuperConvK3BNRELU(3,16,2,1)SuperResIDWE2K3(16,16,2,16,2)")
    initialise(model, "near_linear")
    images = torch.randn(2, 16, 8, 8)
    links = residual_links(model)
    unchanged = [torch.equal(link(images), images) for link in links]
    assert unchanged == [link.shortcut is None for link in links] == [False, True, True, True]


@pytest.mark.parametrize("width", [64, 1024])
def test_near_linear_moves_logits_of_wide_and_narrow_trunks_alike(width: int) -> None:
    images = torch.randn(8, 3, 16, 16)
    model = network(f"SuperConvK3BNRELU(3,16,2,1)SuperConvK1BNRELU(16,{width},1,1)")
    initialise(model, "near_linear")
    model.reset_classifier(0)
    with torch.no_grad():
        moved = model.train()(images).abs().sum(1).mean().item()
    assert moved == pytest.approx(0.4 * min(width, PLAIN_WIDTH), rel=0.15)
