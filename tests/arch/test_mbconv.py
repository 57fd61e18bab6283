"""The inverted residual: equal to torchvision's networks of it, written and refused by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import get_args

import pytest
import torch
from torch import nn
from torchvision.models import efficientnet_b0, mobilenet_v2

from nasfer.arch import Arch, arch_from_dict, arch_to_dict, ops, parse_arch
from nasfer.arch.blocks import ConvBN, Identity, MBConv
from nasfer.arch.blocks.conv import Nonlinearity
from nasfer.arch.ops import Shape, walk
from nasfer.costs import cost
from nasfer.errors import ProxyError, SpecError
from nasfer.models import build, create_model
from nasfer.proxies import Settings, score
from nasfer.proxies.zen import zen
from nasfer.proxies.zen_closed_form import zen_closed_form
from tests.fvcore_count import fvcore_flops

STAGE = MBConv(8, 16, kernel=3, stride=2, repeats=3, expansion=4, se_ratio=0.25)

STAGES = {
    "relu6": (
        (1, 3, 16, 1, 1), (6, 3, 24, 2, 2), (6, 3, 32, 2, 3), (6, 3, 64, 2, 4), (6, 3, 96, 1, 3),
        (6, 3, 160, 2, 3), (6, 3, 320, 1, 1),
    ),
    "silu": (
        (1, 3, 16, 1, 1), (6, 3, 24, 2, 2), (6, 5, 40, 2, 2), (6, 3, 80, 2, 3), (6, 5, 112, 1, 3),
        (6, 5, 192, 2, 4), (6, 3, 320, 1, 1),
    ),
}  # fmt: skip


def published(activation: Nonlinearity, se_ratio: float) -> Arch:
    blocks: list[ConvBN | MBConv] = [ConvBN(3, 32, kernel=3, stride=2, activation=activation)]
    channels = 32
    for expansion, kernel, out, stride, repeats in STAGES[activation]:
        blocks.append(
            MBConv(channels, out, kernel, stride, repeats, expansion, se_ratio, activation)
        )
        channels = out
    blocks.append(ConvBN(channels, 1280, kernel=1, stride=1, activation=activation))
    return Arch.of(*blocks, classes=1000)


@pytest.mark.parametrize(
    ("make", "activation", "se_ratio", "params", "giga_macs"),
    [
        (mobilenet_v2, "relu6", 0.0, 3_504_872, 0.301),
        (efficientnet_b0, "silu", 0.25, 5_288_548, 0.386),
    ],
)  # figures as torchvision prints them beside its weights
def test_published_networks_are_chains_of_it(
    make: Callable[[], nn.Module],
    activation: Nonlinearity,
    se_ratio: float,
    params: int,
    giga_macs: float,
) -> None:
    arch = published(activation, se_ratio)
    theirs, ours = make().eval(), create_model(arch).eval()
    assert cost(arch, 224).params == params
    assert cost(arch, 224).macs / 1e9 == pytest.approx(giga_macs, abs=6e-4)
    values = theirs.state_dict().values()  # both write their layers in order of execution
    ours.load_state_dict(dict(zip(ours.state_dict(), values, strict=True)))
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(ours(images), theirs(images))


@pytest.mark.parametrize("activation", get_args(Nonlinearity))
@pytest.mark.parametrize("se_ratio", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("expansion", [1, 3])
def test_all_forms_read_back_and_run(
    activation: Nonlinearity, se_ratio: float, expansion: int
) -> None:
    stage = dataclasses.replace(
        STAGE, activation=activation, se_ratio=se_ratio, expansion=expansion
    )
    arch = Arch.of(ConvBN(1, 8, kernel=3, stride=2, activation=activation), stage)
    assert parse_arch(str(arch)) == arch == arch_from_dict(arch_to_dict(arch))
    model = create_model(arch).eval()
    assert model(torch.randn(2, 1, 33, 35)).shape == (2, 7)
    assert sum(p.numel() for p in model.parameters()) == cost(arch, 33).params


@pytest.mark.parametrize("activation", get_args(Nonlinearity))
def test_flops_are_as_fvcore_counts_them(activation: Nonlinearity) -> None:
    stage = dataclasses.replace(STAGE, activation=activation)
    arch = Arch.of(ConvBN(3, 8, kernel=3, stride=2, activation=activation), stage)
    assert cost(arch, 33).flops == fvcore_flops(create_model(arch), 1, 3, 33, 33)


def test_a_link_stands_where_shapes_agree() -> None:
    def links(block: MBConv) -> int:
        return sum(isinstance(op, ops.Residual) for op in walk(block.ops()))

    assert links(STAGE) == 2  # not in the first, which changes both
    assert links(dataclasses.replace(STAGE, stride=1)) == 2
    assert links(dataclasses.replace(STAGE, stride=2, in_channels=16)) == 2
    assert links(dataclasses.replace(STAGE, stride=1, in_channels=16)) == 3


def test_the_gate_squeezes_what_the_residual_reads() -> None:
    convs = [op for op in walk(STAGE.ops()) if isinstance(op, ops.Conv) and op.bias]
    assert [(op.in_channels, op.out_channels) for op in convs] == [
        (32, 2), (2, 32), (64, 4), (4, 64), (64, 4), (4, 64),
    ]  # fmt: skip


def test_a_layer_that_passes_is_nothing_or_linear() -> None:
    x = torch.randn(1, 8, 9, 9)
    assert torch.equal(build(Identity(8, 8, stride=1).ops())(x), x)
    halved = Identity(8, 8, stride=2)
    assert (halved.layers, build(halved.ops())(x).shape) == (1, (1, 8, 5, 5))
    kinds = [type(op) for op in walk(Identity(8, 16, stride=1).ops())]
    assert kinds == [ops.Sequence, ops.Conv, ops.BatchNorm]
    arch = parse_arch("ConvK3BN(3,8,2)Identity(8,8,1)Identity(8,16,2)")
    assert cost(arch, 32).layers == 2
    assert score(arch, "zen_closed_form", resolution=32) > 0


@pytest.mark.parametrize("activation", ["relu", "relu6"])
@pytest.mark.parametrize("se_ratio", [0.0, 0.25])
def test_the_closed_form_is_near_the_measured_score(
    activation: Nonlinearity, se_ratio: float
) -> None:
    stages = (
        dataclasses.replace(STAGE, activation=activation, se_ratio=se_ratio),
        MBConv(16, 32, 5, 2, 2, 6, se_ratio, activation),
    )
    arch = Arch.of(ConvBN(3, 8, kernel=3, stride=1), *stages)
    settings = Settings(seed=0, resolution=64, batch=16)
    gap = 0.3 + 0.15 * (5 if se_ratio else 0)  # five gates, each underrated by about 0.1
    assert abs(zen_closed_form(arch, settings) - zen(arch, settings)) < gap


@pytest.mark.parametrize("activation", ["hardswish", "silu"])
def test_other_activations_are_refused_by_the_closed_form_and_measured(activation: str) -> None:
    arch = parse_arch(f"ConvK3BN(3,8,2)MBConvE3K3(8,8,1,2,activation={activation})")
    with pytest.raises(ProxyError, match=f"no mean field for {activation}; use `proxy='zen'`"):
        score(arch, "zen_closed_form", resolution=32)
    assert score(arch, "zen", resolution=32) > 0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("MBConvE6K4(3,8,1,1)", "kernel: 4 is not an odd positive number"),
        ("MBConvE0K3(3,8,1,1)", "expansion: 0 is not a positive number"),
        ("MBConvE6K3(3,8,1,1,se_ratio=2)", "se_ratio: 2.0 is not from 0 to 1"),
        ("MBConvE6K3(3,8,1,1,se_ratio=nan)", "se_ratio: nan is not from 0 to 1"),
        ("MBConvE6K3(3,8,1,1,activation=none)", "'none' is not one of relu, relu6, hardswish"),
        ("ConvK3BN(3,8,1,activation=swish)", "'swish' is not one of relu, relu6"),
        ("MBConvE6K3(3,8,1)", "it takes 4: in_channels, out_channels, stride, repeats"),
    ],
)
def test_what_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(SpecError, match=complaint):
        parse_arch(text)


def test_the_tree_reads_the_shape_it_writes() -> None:
    assert cost(Arch.of(STAGE), 33).layers == 3
    out = build(STAGE.ops()).eval()(torch.randn(1, 8, 33, 21)).shape
    from nasfer.arch.shapes import output_shape

    assert tuple(out[1:]) == output_shape(STAGE.ops(), Shape(8, 33, 21))[:3]
