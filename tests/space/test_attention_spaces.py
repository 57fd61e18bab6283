"""Members of the attention spaces: every reader of the op tree agrees with torch and fvcore."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch

from nasfer.arch import Arch, arch_to_yaml, parse_arch, read_arch
from nasfer.costs import cost
from nasfer.models import create_model
from nasfer.presets import PRESETS
from nasfer.space import load_space
from tests.fvcore_count import fvcore_flops

SPACES = ("attention_emotion_net", "amp_net")
IMAGES_PX = {"attention_emotion_net": (48, 112, 48, 48), "amp_net": (224,)}


def members(name: str, count: int) -> list[Arch]:
    """Return the start and random members of a space, for 7 and 8 classes in turn."""
    space, rng = load_space(name), random.Random(name)
    drawn = [space.start, *(space.sample(rng=rng) for _ in range(count - 1))]
    return [arch.with_classes(7 + index % 2) for index, arch in enumerate(drawn)]


@pytest.mark.parametrize("name", SPACES)
def test_start_is_the_preset(name: str) -> None:
    assert load_space(name).start == PRESETS.get(name).arch


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("attention_emotion_net", 6),
        ("amp_net", 3),
        pytest.param("attention_emotion_net", 100, marks=pytest.mark.slow),
        pytest.param("amp_net", 20, marks=pytest.mark.slow),
    ],
)
def test_cost_of_members_equals_torch_and_fvcore(name: str, count: int) -> None:
    sizes = IMAGES_PX[name]
    for index, arch in enumerate(members(name, count)):
        image_px = sizes[index % len(sizes)]
        with torch.device("meta"):
            model = create_model(arch).eval()
        model.to_empty(device="cpu")  # initial weights take longer than counting
        counted = cost(arch, image_px)
        assert counted.params == sum(p.numel() for p in model.parameters()), arch
        assert counted.flops == fvcore_flops(model, 1, arch.in_channels, image_px, image_px), arch


@pytest.mark.parametrize("name", SPACES)
def test_members_survive_their_text_forms(name: str, tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    for arch in members(name, 50):
        assert parse_arch(str(arch)) == arch
        file.write_text(arch_to_yaml(arch))
        assert read_arch(file) == arch


@pytest.mark.parametrize("name", SPACES)
def test_no_move_leaves_the_space(name: str) -> None:
    space, rng = load_space(name), random.Random(1)
    one, other = space.start, space.sample(rng=rng)
    for _ in range(200):
        one = space.mutate(one, rng=rng)
        nudged = space.nudge(one, rng=rng)
        assert nudged != one
        other = space.crossover(nudged, other, rng=rng)
        for arch in (one, nudged, other):
            assert space.why_not(arch) is None


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
