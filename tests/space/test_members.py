"""Members of every space: counted exactly, read back from their text, never left by a move."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import torch

from nasfer.arch import Arch, arch_from_dict, arch_to_json, arch_to_yaml, parse_arch, read_arch
from nasfer.costs import cost
from nasfer.models import create_model
from nasfer.presets import PRESETS
from nasfer.space import list_spaces, load_space
from tests.fvcore_count import fvcore_flops

SIZES = (48, 97, 112, 224)

MANY = 100
"""Members of each space that are counted in the slow test, each at one of the sizes."""

PLAIN = [name for name in list_spaces() if len(load_space(name).parts) == 1]
"""Members of a union are members of these."""


def members(name: str, count: int) -> list[Arch]:
    """Return the start and random members of a space, for 7 and 8 classes in turn."""
    space, rng = load_space(name), random.Random(name)
    drawn = [space.start, *(space.sample(rng=rng) for _ in range(count - 1))]
    return [arch.with_classes(7 + index % 2) for index, arch in enumerate(drawn)]


def assert_cost_is_exact(arch: Arch, image_px: int) -> None:
    """Compare ``cost()`` with torch's parameters and fvcore's FLOPs."""
    with torch.device("meta"):
        model = create_model(arch)
    model.to_empty(device="cpu")  # initial weights take longer than counting
    counted = cost(arch, image_px)
    assert counted.params == sum(p.numel() for p in model.parameters()), arch
    flops = fvcore_flops(model, 1, arch.in_channels, image_px, image_px)
    assert counted.flops == flops, f"{arch} at {image_px} px"


@pytest.mark.parametrize("name", list_spaces())
def test_params_equal_the_modules_numel(name: str) -> None:
    for arch in members(name, 25):
        with torch.device("meta"):
            model = create_model(arch)
        assert cost(arch, 48).params == sum(p.numel() for p in model.parameters()), arch


@pytest.mark.parametrize("name", list_spaces())
def test_cost_equals_torch_and_fvcore(name: str) -> None:
    for image_px, arch in zip(SIZES, members(name, len(SIZES))):
        assert_cost_is_exact(arch, image_px)


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("place", range(len(SIZES)), ids=[f"{size}px" for size in SIZES])
@pytest.mark.parametrize("name", PLAIN)
def test_cost_of_many_members_equals_torch_and_fvcore(name: str, place: int) -> None:
    for arch in members(name, MANY)[place :: len(SIZES)]:
        assert_cost_is_exact(arch, SIZES[place])


@pytest.mark.parametrize("name", list_spaces())
def test_members_survive_their_text_forms(name: str, tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    for arch in members(name, 50):
        file.write_text(arch_to_yaml(arch))
        data = json.loads(arch_to_json(arch))
        for again in (parse_arch(str(arch)), read_arch(file), arch_from_dict(data)):
            assert again == arch
            assert again.digest() == arch.digest()


@pytest.mark.parametrize("name", list_spaces())
def test_no_chain_of_moves_leaves_the_space(name: str) -> None:
    space, rng = load_space(name), random.Random(1)
    one, other = space.start, space.sample(rng=rng)
    for _ in range(200):
        one = space.mutate(one, rng=rng)
        nudged = space.nudge(one, rng=rng)
        assert nudged != one
        other = space.crossover(nudged, other, rng=rng)
        for arch in (one, nudged, other):
            assert space.why_not(arch) is None


AROUND = [name for name in list_spaces() if name in PRESETS and not name.startswith("zennet")]
"""Spaces that lie around their preset; the ZenNets were found from the spaces' small starts."""


@pytest.mark.parametrize("name", AROUND)
def test_the_start_is_the_preset(name: str) -> None:
    assert load_space(name).start == PRESETS.get(name).arch


def test_heads_are_searched() -> None:
    space, rng = load_space("amp_net"), random.Random(0)
    assert len({space.sample(rng=rng).head for _ in range(50)}) > 10


def test_a_head_outside_its_moves_is_no_member() -> None:
    space = load_space("amp_net")
    arch = parse_arch(str(space.start).replace("extras=1", "lp_width=100,extras=1"))
    assert str(space.why_not(arch)).startswith("head.lp_width: 100 is not one of")


def test_size_leaves_out_values_that_do_not_go_together() -> None:
    # 16 widths, twice 16 widths and 6 depths; 7 of 8 sets of modules, 5 * 5 * 5 * 3 * 2 the rest
    assert load_space("amp_net").size() == 16 * (16 * 6) ** 2 * 7 * 5 * 5 * 5 * 3 * 2
