"""Moves to networks that a block refuses are drawn again, wherever the block stands."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from nasfer.errors import SpaceError
from nasfer.space import Space, load_space

SPACE = """
start: >-
  SuperConvK3BNRELU(3,16,2,1)SuperResK1K3K1(16,32,2,8,2)SuperConvK1BNRELU(32,64,1,1)
  Head(64,7,sa=8)
moves:
  SuperConv: {out_channels: {step: [-16, -8, 0, 8, 16], multiple_of: 8, max: 96}}
  SuperResK1KK1:
    out_channels: {step: [-8, 0, 8], multiple_of: 8, max: 96}
    bottleneck: {step: [-8, 0, 8], multiple_of: 8, max: 24}
    repeats: {step: [-1, 0, 1], max: 3}
    sa: {choices: [0, 4, 8]}
"""


def written(tmp_path: Path, text: str = SPACE) -> Space:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return load_space(str(path))


def test_a_head_that_divides_its_channels_stays_readable(tmp_path: Path) -> None:
    space, rng = written(tmp_path), random.Random(0)
    one, other, widths = space.start, space.sample(rng=rng), set()
    for _ in range(500):
        one = space.nudge(space.mutate(one, rng=rng), rng=rng)
        other = space.crossover(one, other, rng=rng)
        for arch in (one, other):
            assert space.contains(arch)
            assert arch.blocks[-1].out_channels % 16 == 0
            widths.add(arch.blocks[-1].out_channels)
    assert len(widths) > 1


def test_a_nudge_at_the_most_repeats_changes_something(tmp_path: Path) -> None:
    space, rng = written(tmp_path), random.Random(0)
    arch = space.start
    for _ in range(500):
        nudged = space.nudge(arch, rng=rng)
        assert nudged != arch
        arch = nudged


def test_size_leaves_out_refused_choices(tmp_path: Path) -> None:
    # 12 widths thrice, 3 bottlenecks, 3 depths; of the attentions, 0 and 4 go with 8 channels
    assert written(tmp_path).size() == 12**3 * 3 * 3 * 2


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (SPACE + "  Head: {out_channels: {choices: [7, 8]}}", "Head.out_channels: no field that"),
        (SPACE + "  Head: {sa: {choices: [0, 4]}}", "start: head.sa: 8 is not one of 0, 4"),
        (
            SPACE + "  Head: {sa: {choices: [0, 8]}}\nalternatives: [[Head, SuperConv]]",
            "heads and other blocks are mixed",
        ),
    ],
)
def test_wrong_head_moves_are_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(SpaceError, match=complaint):
        written(tmp_path, text)


@pytest.mark.parametrize(
    ("moves", "complaint"),
    [
        ("{step: [-4, 4], multiple_of: 8, max: 96}", "are not all multiples of 8"),
        ("{step: [-8, 8], multiple_of: 8, min: 9, max: 12}", "max: 12 is under the minimum"),
    ],
)
def test_steps_that_leave_the_domain_are_refused(
    tmp_path: Path, moves: str, complaint: str
) -> None:
    text = f"start: SuperConvK3BNRELU(3,16,2,1)\nmoves: {{SuperConv: {{out_channels: {moves}}}}}"
    with pytest.raises(SpaceError, match=complaint):
        written(tmp_path, text)
