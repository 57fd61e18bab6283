"""The ZenNet presets are the published networks: same counts, same keys, same logits."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
import torch

from nasfer.arch import Arch
from nasfer.arch.blocks.superblocks import SuperRes
from nasfer.costs import cost
from nasfer.models import create_model
from nasfer.presets import PRESETS
from tests.golden_weights import golden, golden_input, golden_state

ZENNETS = PRESETS.names("zennet*")


@pytest.mark.parametrize("name", ZENNETS)
def test_cost_equals_the_published_networks_count(name: str) -> None:
    preset, figures = PRESETS.get(name), golden(name)
    counted = cost(preset.arch, preset.resolution)
    assert counted.params == preset.params == figures["params"]
    assert counted.flops == preset.flops == figures["flops_fvcore"]


@pytest.mark.parametrize("name", ["zennet_m", "zennet_r"])
def test_structure_string_is_the_published_one(name: str) -> None:
    assert str(PRESETS.get(name).arch) == golden(name)["structure"]


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Compute as the golden files were: in ``_sa`` heads the published group norm of single values
    amplifies rounding, up to 1 in the normalised value, and rounding follows the threads.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", ZENNETS)
@pytest.mark.usefixtures("two_threads")
def test_logits_equal_the_published_networks(name: str) -> None:
    preset, figures = PRESETS.get(name), golden(name)
    published = golden_state(figures)
    model = create_model(preset.arch)
    keys = {key: preset.published_key(key) for key in model.state_dict()}
    assert sorted(keys.values()) == sorted(published)
    model.load_state_dict({ours: published[theirs] for ours, theirs in keys.items()})
    with torch.no_grad():
        logits = model.eval()(golden_input(figures))
    wanted = torch.tensor(figures["outputs"][0])
    assert (logits - wanted).abs().max() <= 1e-4 * wanted.abs().max()


@pytest.mark.parametrize(("name", "params"), [("zennet_m", 1_013_607), ("zennet_r", 327_271)])
def test_forced_projections_give_the_original_zennas_counts(name: str, params: int) -> None:
    arch = PRESETS.get(name).arch
    forced = tuple(
        dataclasses.replace(block, project_first=True) if isinstance(block, SuperRes) else block
        for block in arch.blocks
    )
    assert cost(Arch(forced, arch.head)).params == params
