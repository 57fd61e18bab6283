"""Random members of the EMO-Net and EfficientFace spaces: cost is exact, text forms round-trip."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest

from nasfer.arch import Arch, arch_to_yaml, parse_arch, read_arch
from nasfer.costs import cost
from nasfer.models import create_model
from nasfer.presets import PRESETS
from nasfer.space import Space, load_space
from tests.fvcore_count import fvcore_flops

SPACES = ["emo_net", "efficientface"]
RESOLUTIONS = [48, 97, 224]


@cache
def space(name: str) -> Space:
    return load_space(name)


def members(name: str, count: int = 100) -> list[Arch]:
    rng = random.Random(20)
    drawn = [space(name).sample(rng=rng) for _ in range(count)]
    return [arch.with_classes(7 + index % 2) for index, arch in enumerate(drawn)]


@pytest.mark.parametrize("name", SPACES)
def test_the_preset_is_the_start_and_a_member(name: str) -> None:
    preset = PRESETS.get(name).arch
    assert space(name).start == preset
    assert space(name).contains(preset)


@pytest.mark.parametrize("name", SPACES)
def test_members_stay_in_the_space(name: str) -> None:
    assert [space(name).why_not(arch) for arch in members(name)] == [None] * 100


@pytest.mark.parametrize("name", SPACES)
def test_text_and_yaml_round_trip(name: str, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    for arch in members(name):
        path.write_text(arch_to_yaml(arch))
        for again in (parse_arch(str(arch)), read_arch(path)):
            assert again == arch
            assert again.digest() == arch.digest()


def assert_cost_is_exact(arch: Arch, resolution: int) -> None:
    model = create_model(arch).eval()
    counted = cost(arch, resolution)
    assert counted.params == sum(p.numel() for p in model.parameters())
    assert counted.flops == fvcore_flops(model, 1, arch.in_channels, resolution, resolution)


@pytest.mark.parametrize("name", SPACES)
def test_cost_equals_parameters_and_fvcore_at_one_resolution_a_member(name: str) -> None:
    for index, arch in enumerate(members(name, 12)):
        assert_cost_is_exact(arch, RESOLUTIONS[index % 3])


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("resolution", RESOLUTIONS)
@pytest.mark.parametrize("name", SPACES)
def test_cost_equals_parameters_and_fvcore(name: str, resolution: int) -> None:
    for arch in members(name):
        assert_cost_is_exact(arch, resolution)
