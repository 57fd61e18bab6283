"""The blocks of EfficientFace and EMO-Net: options in text, odd sizes, refusals."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from nasfer.arch import Arch, ops, parse_arch
from nasfer.arch.blocks import ConvBN, EmoStage, Head, LocalShuffleStage
from nasfer.arch.ops import Shape
from nasfer.arch.shapes import output_shape
from nasfer.costs import cost
from nasfer.errors import SpecError
from nasfer.models import build, create_model

STAGE = LocalShuffleStage(8, 16, kernel=3, stride=2, repeats=2)
EMO = EmoStage(8, 16, kernel=3, stride=1, repeats=2, expansion=2)


@pytest.mark.parametrize("size", [*range(3, 20), 57, 113])
def test_quadrants_give_the_size_of_the_whole_map(size: int) -> None:
    images = torch.randn(2, 8, size, size + 3)
    tree = STAGE.ops()
    assert isinstance(tree, ops.Sum)
    wanted = output_shape(tree.branches[0], Shape(8, size, size + 3))
    assert output_shape(tree.branches[1], Shape(8, size, size + 3)) == wanted
    assert build(tree).eval()(images).shape == (2, *wanted[:3])


def test_quadrants_leave_each_cell_in_its_place() -> None:
    same = ops.sequence()
    images = torch.randn(1, 2, 7, 5)
    assert torch.equal(build(ops.Quadrants((same, same, same, same)))(images), images)


def test_quadrants_are_ordered_down_then_right() -> None:
    tree = ops.Quadrants(tuple(map(ops.Times, (1.0, 2.0, 3.0, 4.0))))  # type: ignore[arg-type]
    wanted = [[1.0, 3.0], [2.0, 4.0]]
    assert build(tree)(torch.ones(1, 1, 2, 2))[0, 0].tolist() == wanted


def test_a_map_too_small_to_cut_is_refused() -> None:
    with pytest.raises(SpecError, match="a map of 2 cells cannot be cut"):
        cost(Arch.of(STAGE), 2)


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize("modulator", [False, True])
def test_additions_can_be_switched_off(local: bool, modulator: bool) -> None:
    stage = dataclasses.replace(STAGE, local=local, modulator=modulator)
    arch = parse_arch(str(Arch.of(ConvBN(3, 8, kernel=3, stride=2), stage)))
    assert arch.blocks[1] == stage
    assert create_model(arch).eval()(torch.randn(2, 3, 33, 33)).shape == (2, 7)


@pytest.mark.parametrize("attention", ["none", "eca", "se", "sa"])
@pytest.mark.parametrize("blend", [0.0, 0.35, 1.0])
def test_emo_stage_reads_back_and_runs(attention: str, blend: float) -> None:
    stage = dataclasses.replace(EMO, attention=attention, blend=blend)  # type: ignore[arg-type]
    arch = parse_arch(str(Arch.of(ConvBN(1, 8, kernel=3, stride=2), stage)))
    assert arch.blocks[1] == stage
    assert create_model(arch).eval()(torch.randn(2, 1, 33, 33)).shape == (2, 7)


def test_whole_numbers_have_one_text() -> None:
    assert str(dataclasses.replace(EMO, blend=1)) == str(dataclasses.replace(EMO, blend=1.0))


def test_the_auxiliary_branch_is_weighted() -> None:
    x = torch.randn(2, 8, 9, 9)
    same = dataclasses.replace(EMO, out_channels=8, repeats=1)
    weighted = build(dataclasses.replace(same, blend=0.25).ops()).eval()
    bare = build(dataclasses.replace(same, blend=0).ops()).eval()
    bare.load_state_dict(
        {key.replace("0.body.", "0.", 1): value for key, value in weighted.state_dict().items()}
    )
    torch.testing.assert_close(weighted(x), bare(x) + 0.25 * x)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("EmoResE6K3(3,8,1,1,attention=ecb)", "'ecb' is not one of none, eca, se, sa"),
        ("EmoResE6K3(3,12,1,1,attention=sa)", "12 channels do not divide into 2 x 4 parts"),
        ("EmoResE6K3(3,8,1,1,blend=nan)", "blend: nan is not a number from 0"),
        ("EmoResE6K3(3,8,1,1,blend=-1)", "blend: -1.0 is not a number from 0"),
        ("LocalShuffleK3(3,8,1,1,local=2)", "'2' is not 0 or 1"),
        ("ShuffleK3(3,9,1,1)", "out_channels: 9 is not even"),
        ("ConvK3BN(3,9,1,activation=gelu)", "'gelu' is not one of relu, relu6"),
        ("ConvK3BN(3,9,1)Head(9,7,dropout=1)", "dropout: 1.0 is not at least 0 and under 1"),
    ],
)
def test_wrong_fields_are_refused(text: str, complaint: str) -> None:
    with pytest.raises(SpecError, match=complaint):
        parse_arch(text)


def test_head_dropout_acts_in_training_only() -> None:
    head = build(Head(64, 7, dropout=0.5).ops())
    x = torch.randn(2, 64, 1, 1)
    assert torch.equal(head.eval()(x), head(x))
    assert not torch.equal(head.train()(x), head(x))
