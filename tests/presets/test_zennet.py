"""The ZenNet presets are written as the published ones, and count as ZenNAS counts."""

from __future__ import annotations

import dataclasses

import pytest

from nasfer.arch import Arch
from nasfer.arch.blocks.superblocks import SuperRes
from nasfer.costs import cost
from nasfer.presets import PRESETS
from tests.golden_files import golden


@pytest.mark.parametrize("name", ["zennet_m", "zennet_r"])
def test_structure_string_is_the_published_one(name: str) -> None:
    assert str(PRESETS.get(name).arch) == golden(name)["structure"]


@pytest.mark.parametrize(("name", "params"), [("zennet_m", 1_013_607), ("zennet_r", 327_271)])
def test_forced_projections_give_the_original_zennas_counts(name: str, params: int) -> None:
    arch = PRESETS.get(name).arch
    forced = tuple(
        dataclasses.replace(block, project_first=True) if isinstance(block, SuperRes) else block
        for block in arch.blocks
    )
    assert cost(Arch(forced, arch.head)).params == params
