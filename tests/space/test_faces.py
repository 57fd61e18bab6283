"""The space ``faces``: kinds of unlike fields, strides that move, the last map held at any size."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

import nasfer
from nasfer.arch import parse_arch
from nasfer.costs import cost, last_map
from nasfer.errors import SpaceError
from nasfer.presets import load_arch
from nasfer.proxies import Settings
from nasfer.searching import Budget
from nasfer.searching.evaluator import Evaluator
from nasfer.searching.objective import Objective
from nasfer.space import Limits, load_space

FACES = load_space("faces")
MIXED = """
start: SuperConvK3BNRELU(3,16,2,1)MBConvE2K3(16,24,1,1)
alternatives: [[MBConv, SuperResKK]]
moves:
  MBConv: {kernel: {choices: [3, 5]}, expansion: {choices: [2]}}
  SuperResKK: {kernel: {choices: [3, 5]}%s}
"""


def mixed(folder: Path, more: str) -> Path:
    """Write a small space of two kinds, of which one alone has a bottleneck."""
    path = folder / "mixed.yaml"
    path.write_text(MIXED % more)
    return path


def test_a_published_network_of_chains_is_a_member() -> None:
    assert FACES.why_not(load_arch("zennet_r")) is None


def test_walks_meet_every_kind_and_stride_and_never_leave() -> None:
    rng, arch = random.Random(0), FACES.start
    kinds, strides, gates = set(), set(), set()
    for step in range(600):
        arch = (FACES.nudge if step % 2 else FACES.mutate)(arch, rng=rng)
        assert FACES.contains(arch), FACES.why_not(arch)
        kinds |= {type(block).__name__ for block in arch.blocks}
        strides |= {block.stride for block in arch.blocks[1:-1]}  # type: ignore[attr-defined]
        gates |= {
            (block.se_ratio > 0, block.eca) for block in arch.blocks if hasattr(block, "se_ratio")
        }
        if step % 40 == 39:
            arch = FACES.start
    assert kinds == {"SuperConv", "MBConv", "SuperResKK", "SuperResK1KK1"}
    assert strides == {1, 2}
    assert gates == {(False, False), (True, False), (False, True)}


@pytest.mark.parametrize("more", ["", ", bottleneck: {step: [-8, 8], multiple_of: 8, max: 64}"])
def test_a_field_that_other_kinds_lack_needs_a_beginning(tmp_path: Path, more: str) -> None:
    with pytest.raises(SpaceError, match=r"SuperResKK.bottleneck is no field of all of them"):
        load_space(mixed(tmp_path, more))


def test_a_block_that_turns_takes_the_beginning(tmp_path: Path) -> None:
    moves = ", bottleneck: {step: [-8, 8], multiple_of: 8, max: 64, initial: 40}"
    space = load_space(mixed(tmp_path, moves))
    rng = random.Random(1)
    turned = {str(space.nudge(space.start, rng=rng)) for _ in range(40)}
    assert any("SuperResK3K3(16,24,1,40,1)" in text for text in turned)
    assert space.size() == 2 + 2 * 8  # kernels; kernels and bottlenecks


def test_a_beginning_outside_the_field_is_refused(tmp_path: Path) -> None:
    moves = ", bottleneck: {step: [-8, 8], multiple_of: 8, max: 64, initial: 41}"
    with pytest.raises(SpaceError, match="initial: 41 is no value of the field"):
        load_space(mixed(tmp_path, moves))


@pytest.mark.parametrize("resolution", [48, 97, 224])
def test_budgets_hold_the_last_map_as_the_evaluator_does(resolution: int) -> None:
    budget = Budget(min_map=3, max_map=12)
    evaluate = Evaluator(budget, Objective(), Settings(resolution=resolution))
    rng = random.Random(resolution)
    seen = set()
    for _ in range(60):
        arch = FACES.sample(rng=rng)
        complaint = budget.why_not(arch, cost(arch, resolution), resolution)
        assert (complaint is None) == (3 <= last_map(arch, resolution) <= 12)
        held = evaluate._held_to_budget(arch)
        assert (held.slack == 0.0) == (complaint is None), complaint
        seen.add(complaint is None)
    assert seen == {True, False}


def test_the_last_map_is_named() -> None:
    arch = parse_arch("SuperConvK3BNRELU(3,8,2,1)")
    assert Budget(max_map=12).why_not(arch, cost(arch, 48), 48) == "map: 24 > 12"
    assert Budget(min_map=30).why_not(arch, cost(arch, 48), 48) == "map: 24 < 30"
    assert str(Budget(min_map=3, max_map=12)) == "map >= 3, map <= 12"


def test_searches_keep_the_spaces_maps_at_every_size() -> None:
    for resolution, budget in ((48, "20.6M"), (224, "450M")):
        found = nasfer.search("faces", budget, resolution=resolution, iterations=2000, top=0)
        assert 3 <= last_map(found.best.arch, resolution) <= 12


def test_limits_that_are_younger_leave_digests_as_they_were() -> None:
    plain = load_space("zennet_m")
    assert plain.digest() == "44bbe46c9c8e"
    assert "min_map" not in plain.limits.model_dump()
    assert Limits(min_map=3).model_dump()["min_map"] == 3
    assert replace(Budget(), min_map=3) != Budget()
