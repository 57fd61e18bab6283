"""Features are what they say: what others count too, sums over blocks, whatever the order."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nasfer.arch import Arch, parse_arch
from nasfer.costs import cost
from nasfer.errors import SpecError, UnknownNameError
from nasfer.features import (
    FactReader,
    all_features,
    feature_rows,
    feature_values,
    find_feature,
)
from nasfer.features.block_facts import SUMS
from nasfer.features.reach import Reach, reach
from nasfer.models import Network
from nasfer.presets import PRESETS

MBCONV = parse_arch(
    "ConvK3BN(3,32,2)MBConvE1K3(32,16,1,2)MBConvE6K5(16,24,2,3,se_ratio=0.25)Identity(24,40,2)"
    "ConvK1BN(40,128,1)"
)
NETWORKS = [*(preset.arch for preset in PRESETS), MBCONV]


def values(*archs: Arch, px: int = 64) -> dict[str, np.ndarray]:
    features = all_features()
    table = feature_values(FactReader(px).read(archs), features)
    return {feature.name: table[:, index] for index, feature in enumerate(features)}


def test_costs_are_those_of_costs() -> None:
    facts = FactReader(64).read(NETWORKS)
    costs = [cost(arch, 64) for arch in NETWORKS]
    assert facts.sum("params").tolist() == [one.params for one in costs]
    assert facts.sum("flops").tolist() == [one.flops for one in costs]
    assert facts.flops_at.sum(axis=1).tolist() == [one.flops for one in costs]
    assert facts.peak.tolist() == [one.peak_activation_bytes for one in costs]


def test_additive_features_are_sums_over_blocks() -> None:
    additive = [feature for feature in all_features() if feature.additive]
    for arch in NETWORKS:
        reader = FactReader(64)
        whole = feature_values(reader.read([arch]), additive)[0]
        parts = feature_values(reader.read_blocks(arch), additive)
        assert len(parts) == len(arch.blocks) + 1
        assert np.allclose(parts.sum(axis=0), whole)


def test_networks_are_read_alike_alone_and_together_and_in_any_order() -> None:
    features = all_features()
    reader = FactReader(64)
    together = feature_values(reader.read(NETWORKS), features)
    assert np.isfinite(together).all()
    backwards = feature_values(FactReader(64).read(NETWORKS[::-1]), features)
    assert (backwards[::-1] == together).all()
    for arch, row in zip(NETWORKS, together):
        assert (feature_values(reader.read([arch]), features)[0] == row).all()


def test_a_memo_that_is_full_starts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nasfer.features.facts.MEMO_ROWS", 5)
    reader = FactReader(64)
    first = reader.read(NETWORKS)
    assert (reader.read(NETWORKS).sums == first.sums).all()


def test_inverted_residuals_have_known_features() -> None:
    found = values(MBCONV)
    known = {
        "layers": 6, "expansion": 1 + 2 + 18, "large_kernels": 3, "gates": 3, "links": 3,
        "depthwise": 5, "mean_kernel": 4, "layers_1": 3, "layers_2": 3, "layers_2_0": 3,
        "mean_expansion_2_0": 6, "mean_kernel_2_0": 5, "mean_gates_2_0": 1, "kind_MBConv": 2,
        "kind_Identity": 1, "log_end": np.log(8), "log_narrowest": np.log(16),
    }  # fmt: skip
    assert {name: float(found[name][0]) for name in known} == pytest.approx(known)


def test_passing_blocks_take_no_place() -> None:
    one = parse_arch("ConvK3BN(3,16,2)Identity(16,16,1)MBConvE3K3(16,16,1,1)")
    two = parse_arch("ConvK3BN(3,16,2)MBConvE3K3(16,16,1,1)Identity(16,16,1)")
    found = values(one, two)
    assert all(column[0] == column[1] for column in found.values())


def test_a_block_in_two_is_the_same_network_but_for_places_and_kinds() -> None:
    whole = parse_arch("ConvK3BN(3,16,2)MBConvE4K3(16,32,2,3)")
    halves = parse_arch("ConvK3BN(3,16,2)MBConvE4K3(16,32,2,1)MBConvE4K3(32,32,1,2)")
    groups = {feature.name: feature.group for feature in all_features()}
    for name, column in values(whole, halves).items():
        if groups[name] in ("aggregates", "sizes", "sums"):
            assert column[0] == pytest.approx(column[1]), name


@pytest.mark.parametrize(
    "structure",
    [
        "SuperConvK3BNRELU(3,4,2,1)SuperConvK5BNRELU(4,4,1,1)SuperConvK1BNRELU(4,4,1,1)",
        "ConvK3BN(3,4,2,pool=1)MBConvE2K3(4,4,1,1)MBConvE2K5(4,4,2,1)",
    ],
)
def test_reach_is_what_a_cell_of_the_network_sees(structure: str) -> None:
    arch, px = parse_arch(structure), 97
    total = Reach()
    for block in arch.blocks:
        total = total.then(reach(block.ops()))
    network = Network(arch).train()  # batch norm's means would spread gradients over the image
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.constant_(module.weight, 0.01)
    image = torch.ones(1, 3, px, px, requires_grad=True)
    last = network.forward_features(image)
    middle = last.shape[-1] // 2
    (seen,) = torch.autograd.grad(last[0, :, middle, middle].sum(), image)
    rows = torch.nonzero(seen.abs().sum(dim=(0, 1, 3))).flatten()
    widest = int(rows.max() - rows.min()) + 1
    pooled = 4 if "pool" in structure else 0  # of a window of equal cells one is the maximum
    assert 0 <= total.growth + 1 - widest <= pooled


def test_names_units_and_words_are_there_and_in_a_fixed_order() -> None:
    features = all_features()
    assert [one.name for one in features] == [one.name for one in all_features()]
    assert len({one.name for one in features}) == len(features)
    assert all(one.unit and one.summary.endswith(".") for one in features)
    assert all(find_feature(one.name).summary == one.summary for one in features)
    with pytest.raises(UnknownNameError, match="did you mean 'layers'"):
        find_feature("layer")
    with pytest.raises(UnknownNameError, match="unknown feature 'kind_MBCon'"):
        find_feature("kind_MBCon")


def test_rows_for_people_leave_nothing_out_that_is_not_0() -> None:
    rows = {row["feature"]: row["value"] for row in feature_rows(MBCONV, 64)}
    assert rows["log_params"] == pytest.approx(np.log(cost(MBCONV, 64).params))
    assert "layers_7" not in rows
    assert rows["depthwise"] == 5
    assert set(SUMS) & {"params", "flops"} <= set(rows)


def test_images_that_are_too_small_are_named() -> None:
    with pytest.raises(SpecError, match=r"resolution: 2 px is too small"):
        FactReader(2).read([PRESETS.get("attention_emotion_net").arch])
