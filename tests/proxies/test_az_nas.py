"""AZ-NAS: each part against its known answers; a place in a frozen sample, whoever is scored."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from nasfer.arch import parse_arch
from nasfer.costs import cost
from nasfer.errors import ProxyError
from nasfer.models import create_model
from nasfer.presets import PRESETS
from nasfer.proxies import Settings, score
from nasfer.proxies.az_nas import PARTS, REFERENCE, reference
from nasfer.proxies.az_nas_parts import measure, trainability
from nasfer.proxies.fresh_network import draws, fresh_network, normal_images
from nasfer.proxies.log_rank import log_rank
from nasfer.proxies.spectra import channel_spectrum, entropy
from nasfer.proxies.units import trunk_units
from nasfer.reading import load_json

TWO = parse_arch("SuperConvK3BNRELU(3,8,2,1)SuperConvK3BNRELU(8,16,2,1)")


def test_independent_channels_of_equal_variance_have_the_log_of_their_number() -> None:
    maps = torch.zeros(1, 4, 4, 4)
    waves = torch.fft.fft(torch.eye(16)).real  # rows of different frequency do not correlate
    maps[0] = (waves[1:5] / waves[1:5].norm(dim=1, keepdim=True)).reshape(4, 4, 4)
    assert entropy(channel_spectrum(maps)) == pytest.approx(math.log(4), abs=1e-6)


def test_features_of_rank_one_have_no_entropy() -> None:
    one = torch.randn(3, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    assert entropy(channel_spectrum(one * torch.arange(1.0, 6)[:, None, None])) < 1e-6


def test_either_side_of_a_covariance_has_its_spectrum() -> None:
    maps = torch.randn(2, 40, 4, 4, generator=torch.Generator().manual_seed(0))
    samples = maps.double().transpose(0, 1).flatten(1)
    wanted = torch.linalg.eigvalsh(torch.cov(samples, correction=0) * samples.shape[1])
    assert torch.allclose(channel_spectrum(maps), wanted[-32:].clamp(min=0), atol=1e-8)


def test_a_unit_that_turns_gradients_is_perfectly_trainable_and_no_other() -> None:
    generator = torch.Generator().manual_seed(0)
    signs = torch.randint(2, (16, 4, 64, 64), generator=generator).float() * 2 - 1
    turn = torch.linalg.qr(torch.randn(4, 4, generator=generator))[0]
    turned = torch.einsum("ij,njhw->nihw", turn, signs)
    assert trainability(turned, signs) == pytest.approx(0, abs=1e-3)  # signs are nearly white
    assert trainability(2 * turned, signs) == pytest.approx(2 - 2 - 0.5, abs=0.02)
    assert trainability(turned / 2, signs) == pytest.approx(2 - 0.5 - 2, abs=0.05)


def test_where_the_map_shrinks_cells_become_channels() -> None:
    signs = torch.ones(1, 1, 2, 2)
    back = torch.ones(1, 1, 4, 4)  # four channels of 1: the largest singular value is 2
    assert trainability(back, signs) == pytest.approx(2 - 2 - 0.5)
    assert trainability(back[:, :, :3, :3], signs) < 0  # odd sizes are padded


@pytest.mark.parametrize(("place", "rank"), [(9.0, 4), (0.0, 1), (2.0, 2.5), (1.5, 2.0)])
def test_the_log_rank_among_four(place: float, rank: float) -> None:
    assert log_rank(place, [1.0, 2.0, 3.0]) == pytest.approx(math.log(rank / 4))


def test_best_of_four_on_two_parts_is_zero_and_worst_twice_the_log_of_a_quarter() -> None:
    sample = [1.0, 2.0, 3.0]
    assert log_rank(4, sample) + log_rank(5, sample) == 0
    assert log_rank(0, sample) + log_rank(0, sample) == pytest.approx(-2.7726, abs=1e-4)


def test_the_order_between_two_of_the_sample_is_kept() -> None:
    sample = sorted([1.0, 2.0, 2.0, 5.0])
    places = [log_rank(value, sample) for value in (1.0, 1.1, 1.9, 2.0, 3.0, 4.0, 5.0)]
    assert places == sorted(places)
    assert len(set(places)) == len(places)


def test_the_score_is_the_sum_of_the_places_of_its_parts() -> None:
    found, sample = score(TWO, "az_nas", resolution=48, batch=4), reference(48)
    assert tuple(found.parts) == PARTS
    places = [log_rank(found.parts[name], sample[name]) for name in PARTS]
    assert float(found) == pytest.approx(sum(places))
    assert found.parts["complexity"] == cost(TWO, 48).flops


def test_entropies_equal_a_naive_rederivation() -> None:
    settings = Settings(seed=5, resolution=32, batch=4)
    generator = draws(settings)
    network = fresh_network(TWO, settings, generator)
    images = normal_images(network, settings, generator, 4)
    entropies = []
    with torch.no_grad():
        for block in network.features:
            images = block(images)
            values = torch.linalg.eigvalsh(torch.cov(images.transpose(0, 1).flatten(1).double()))
            shares = (values / values.sum()).clamp(min=1e-300)
            entropies.append(float(-(shares * shares.log()).sum()))
    found = measure(TWO, settings)
    assert found.expressivity == pytest.approx(sum(entropies), abs=1e-5)
    assert found.progressivity == pytest.approx(entropies[1] - entropies[0], abs=1e-5)
    assert found.trainability < 0


def test_a_network_of_one_unit_is_refused() -> None:
    with pytest.raises(ProxyError, match="one unit; two at least"):
        score(parse_arch("SuperConvK3BNRELU(3,8,2,1)"), "az_nas", resolution=48)


def test_repeats_are_measured_as_blocks_of_one() -> None:
    one = parse_arch("SuperConvK3BNRELU(3,8,2,3)SuperResK3K3(8,8,1,8,2)")
    five = parse_arch(
        "SuperConvK3BNRELU(3,8,2,1)SuperConvK3BNRELU(8,8,1,1)SuperConvK3BNRELU(8,8,1,1)"
        "SuperResK3K3(8,8,1,8,1)SuperResK3K3(8,8,1,8,1)"
    )
    assert len(trunk_units(create_model(one))) == len(trunk_units(create_model(five))) == 5


@pytest.mark.parametrize("name", PRESETS.names())
def test_units_one_after_the_other_are_the_trunk(name: str) -> None:
    network = create_model(PRESETS.get(name).arch).eval()
    images = torch.randn(1, network.arch.in_channels, 64, 64)
    units = trunk_units(network)
    assert all(any(isinstance(m, nn.Conv2d) for m in unit.modules()) for unit in units)
    with torch.no_grad():
        assert torch.equal(nn.Sequential(*units)(images), network.features(images))


def test_the_shipped_sample_is_what_its_command_measures() -> None:
    data = load_json(REFERENCE, ProxyError)
    for index, structure in enumerate(data["structures"][:40:20]):
        arch = parse_arch(structure)
        found = measure(arch, Settings(seed=data["seed"], resolution=48, batch=data["batch"]))
        for name in PARTS[:3]:
            kept = data["sizes"]["48"][name][20 * index]
            assert getattr(found, name) == pytest.approx(kept, rel=1e-3)
        assert data["sizes"]["48"]["complexity"][20 * index] == pytest.approx(
            cost(arch, 48).flops, rel=1e-5
        )


def test_the_sample_is_that_of_the_nearer_size_with_flops_of_the_size_asked() -> None:
    assert reference(40)["expressivity"] == reference(48)["expressivity"]
    assert reference(192)["expressivity"] == reference(224)["expressivity"]
    assert reference(96)["complexity"][3] == pytest.approx(4 * reference(48)["complexity"][3])
    assert all(list(part) == sorted(part) for part in reference(224).values())
