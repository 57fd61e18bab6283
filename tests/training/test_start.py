"""Starts and adjustments: published values, and the layers that they are for."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import nn
from torchvision.ops import StochasticDepth

from nasfer.arch import parse_arch
from nasfer.errors import SpecError
from nasfer.models import create_model
from nasfer.models.network import Network
from nasfer.models.residuals import residual_links
from nasfer.training.recipe import Recipe
from nasfer.training.start import ZENNET_GAIN, adjust, initialise

SMALL = "SuperConvK3BNRELU(3,32,2,1)SuperResIDWE2K3(32,48,2,32,2)SuperConvK1BNRELU(48,256,1,1)"
LINKED = "AttentionConv(3,16,16,residual=1,stochastic_depth=0.2)AttentionSE(16,16,residual=1)"


def network(structure: str = SMALL) -> Network:
    torch.manual_seed(0)
    return create_model(parse_arch(structure))


def test_torchs_start_is_what_the_layers_gave_themselves() -> None:
    one, other = network(), network()
    initialise(one, "torch")
    for a, b in zip(one.parameters(), other.parameters()):
        assert torch.equal(a, b)
    with pytest.raises(SpecError, match="init: 'x': torch, zero_residual and zennet are known"):
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
