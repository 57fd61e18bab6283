"""AttentionEmotionNet works where the published code does not."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from nasfer.arch import Arch, parse_arch
from nasfer.arch.blocks import AttentionConv, AttentionHead, AttentionSE
from nasfer.costs import cost
from nasfer.errors import SpecError
from nasfer.models import create_model
from nasfer.presets import PRESETS

PRESET = PRESETS.get("attention_emotion_net")


@pytest.mark.parametrize("image_px", [48, 50, 97])
@pytest.mark.parametrize("classes", [2, 7, 8])
def test_any_number_of_classes_and_size_works(classes: int, image_px: int) -> None:
    model = create_model(PRESET.arch, num_classes=classes, in_chans=3).eval()
    with torch.no_grad():
        assert model(torch.zeros(1, 3, image_px, image_px)).shape == (1, classes)


def test_last_region_takes_the_remainder_of_the_channels() -> None:
    model = create_model(PRESET.arch, num_classes=7)
    widths = [
        weight.shape[0]
        for key, weight in model.state_dict().items()
        if key.startswith("head.0.body.0.branches.1.branches.") and key.endswith("0.weight")
    ]
    assert widths == [54] * 6 + [60]


def with_links(arch: Arch, rate: float) -> Arch:
    """Return the network with residual links and stochastic depth everywhere."""
    blocks = (
        dataclasses.replace(block, residual=True, stochastic_depth=rate)
        if isinstance(block, AttentionConv | AttentionSE)
        else block
        for block in arch.blocks
    )
    return Arch(tuple(blocks), arch.head)


def test_stochastic_depth_drops_whole_images_in_training_only() -> None:
    text = "AttentionSE(8,8,residual=1,stochastic_depth=0.5)AttentionHead(8,7)"
    block = create_model(parse_arch(text)).features[0]
    images = torch.randn(64, 8, 4, 4, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        dropped = (block.train()(images) == images).flatten(1).all(1)
        assert 0 < dropped.sum() < len(images)
        kept = (block.eval()(images) == images).flatten(1).all(1)
        assert not kept.any()


def test_links_change_neither_shapes_nor_other_layers() -> None:
    arch = with_links(PRESET.arch, 0.2)
    assert parse_arch(str(arch)) == arch
    projections = 128 * 256 + 2 * 256 + 256 * 384 + 2 * 384  # only where the channels differ
    assert cost(arch, 48).params == PRESET.params + projections


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("AttentionSE(8,8,stochastic_depth=0.1)", "stochastic_depth: more than 0 without"),
        ("AttentionSE(8,8,dropout=1.0)", "dropout: 1.0 is not at least 0 and under 1"),
        ("AttentionConv(8,8,8,attention=piramid)", "attention: 'piramid' is not one of none"),
    ],
)
def test_fields_that_make_no_network_are_refused(text: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        parse_arch(text)


def test_more_regions_than_channels_are_refused() -> None:
    with pytest.raises(SpecError, match="regions: 9 is not from 1 to the 8 channels"):
        AttentionHead(8, 7, regions=9)
