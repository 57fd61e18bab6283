"""naswot, jacov and ntk: matrices over the images of a batch, against known answers."""

from __future__ import annotations

import math

import pytest
import torch

from nasfer.arch import parse_arch
from nasfer.errors import ProxyError
from nasfer.proxies import Settings, score
from nasfer.proxies.fresh_network import (
    draws,
    fresh_network,
    logits,
    normal_images,
    settle_norms,
)
from nasfer.proxies.jacov import spread_of_correlations
from nasfer.proxies.naswot import agreements, log_determinant
from nasfer.proxies.ntk import log_condition, ntk

TWO = parse_arch("SuperConvK3BNRELU(3,8,2,1)SuperConvK3BNRELU(8,16,2,1)")
SETTINGS = Settings(seed=5, resolution=16, batch=4)


def test_two_codes_that_differ_in_one_of_three_bits() -> None:
    codes = torch.tensor([[1.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    assert log_determinant(agreements(codes)) == pytest.approx(math.log(5))


def test_equal_codes_have_no_score() -> None:
    with pytest.raises(ProxyError, match="the bits of 2 images have rank 1"):
        log_determinant(agreements(torch.ones(2, 3)))


def test_naswot_counts_every_relu_unit() -> None:
    generator = draws(SETTINGS)
    network = fresh_network(TWO, SETTINGS, generator)
    first = network.features[0](normal_images(network, SETTINGS, generator, 4))
    second = network.features[1](first)
    bits = torch.cat([(maps > 0).flatten(1) for maps in (first, second)], 1).double()
    kernel = bits @ bits.T + (1 - bits) @ (1 - bits).T
    assert score(TWO, "naswot", seed=5, resolution=16, batch=4) == pytest.approx(
        float(kernel.logdet())
    )


@pytest.mark.parametrize(("correlation", "wanted"), [(0.0, -2.0000), (0.5, -2.37897)])
def test_jacov_of_two_images(correlation: float, wanted: float) -> None:
    one = torch.tensor([1.0, -1.0, 0.0, 0.0], dtype=torch.float64)
    other = torch.tensor([0.0, 0.0, 1.0, -1.0], dtype=torch.float64)
    mixed = correlation * one + math.sqrt(1 - correlation**2) * other
    assert spread_of_correlations(torch.stack([one, mixed])) == pytest.approx(wanted, abs=5e-5)


def test_jacov_of_equal_rows_is_low_and_of_a_constant_one_no_number() -> None:
    rows = torch.tensor([[1.0, 2.0, 4.0], [1.0, 2.0, 4.0]])
    assert spread_of_correlations(rows) < -1e4
    assert math.isnan(spread_of_correlations(torch.tensor([[1.0, 2.0, 4.0], [1.0, 1.0, 1.0]])))


def test_the_condition_of_a_kernel_of_two() -> None:
    rows = [torch.tensor([3.0, 0.0, 0.0]), torch.tensor([0.0, 1.0, 0.0])]
    assert log_condition(rows) == pytest.approx(math.log(9))
    with pytest.raises(ProxyError, match="singular"):
        log_condition([torch.ones(3), torch.ones(3)])


def test_ntk_equals_a_naive_rederivation() -> None:
    generator = draws(SETTINGS)
    network = fresh_network(TWO, SETTINGS, generator)
    images = normal_images(network, SETTINGS, generator, 4).double()
    settle_norms(network.double(), images)
    found = logits(network, images).sum(1)  # at once: settled norms keep images apart
    rows = []
    for value in found:
        network.zero_grad()
        value.backward(retain_graph=True)
        rows.append(torch.cat([p.grad.flatten().clone() for p in network.parameters()]))
    jacobian = torch.stack(rows)
    wanted = -math.log(float(torch.linalg.cond(jacobian @ jacobian.T)))
    assert ntk(TWO, SETTINGS) == pytest.approx(wanted, rel=1e-6)
