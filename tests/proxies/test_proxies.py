"""Proxies keep their contract; Zen-scores equal the published scorer's."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.stats import kendalltau
from torch import nn

from nasfer.arch import parse_arch
from nasfer.errors import DuplicateNameError, ProxyError, UnknownNameError
from nasfer.proxies import PROXIES, Settings, early_loss, register_proxy, score
from nasfer.proxies.zen import zen
from nasfer.testing import FACES, check_proxy
from tests.golden_files import golden

GATED = (
    "SuperConvK3BNRELU(3,16,2,1)AttentionSE(16,16,residual=1,stochastic_depth=0.5)"
    "AMPHead(16,7,lp=0,ap=0,gp_width=16)"
)
SMALL = parse_arch(
    "SuperConvK3BNRELU(3,8,2,1)SuperResK1K3K1(8,16,2,8,1)SuperResIDWE2K5(16,16,1,8,1)"
)


@pytest.mark.parametrize("name", PROXIES.names())
def test_proxies_keep_their_contract(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(early_loss, "STEPS", 4)
    check_proxy(name, SMALL)


MEASURED = [proxy.name for proxy in PROXIES if proxy.measured]


@pytest.mark.parametrize("name", MEASURED)
def test_scores_are_the_same_on_any_number_of_threads(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early_loss, "STEPS", 4)
    data = FACES if PROXIES.get(name).needs_data else None
    before, found = torch.get_num_threads(), []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            found.append(float(score(SMALL, name, resolution=48, batch=4, data=data)))
    finally:
        torch.set_num_threads(before)
    assert found[0] == pytest.approx(found[1], rel=1e-3)  # sums in another order


@pytest.mark.parametrize("name", sorted(set(MEASURED) - {"grasp", "log_synflow"}))  # these refuse
def test_measured_proxies_read_networks_with_landmarks_and_gates(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early_loss, "STEPS", 2)
    data = FACES if PROXIES.get(name).needs_data else None
    arch = parse_arch(GATED)
    assert math.isfinite(score(arch, name, resolution=64, batch=2, data=data))


@pytest.mark.parametrize("space", ["m", "r"])
def test_closed_form_follows_the_published_scorer(space: str) -> None:
    rows = golden(f"zen/space_{space}")
    ours = np.array([score(parse_arch(r["structure"]), "zen_closed_form") for r in rows])
    theirs = np.array([row["zen_b16_r224"] for row in rows])
    assert kendalltau(ours, theirs).statistic >= 0.98
    assert abs((ours - theirs).mean()) < 0.3


@pytest.mark.slow
@pytest.mark.parametrize("space", ["m", "r"])
def test_measured_zen_equals_the_published_scorer(space: str) -> None:
    rows = golden(f"zen/space_{space}")[::4]
    ours = np.array([score(parse_arch(r["structure"]), "zen", repeats=2) for r in rows])
    theirs = np.array([row["zen_b16_r224"] for row in rows])
    # One published draw has a std of about 0.1 (more in R), the mean of ours less.
    assert abs((ours - theirs).mean()) < 0.1
    assert (ours - theirs).std() < 0.3


def test_zen_equals_a_naive_rederivation() -> None:
    arch = parse_arch("SuperConvK3BNRELU(3,8,2,1)SuperConvK1BNRELU(8,16,1,1)")
    generator = torch.Generator().manual_seed(5)
    first = torch.randn(8, 3, 3, 3, generator=generator)
    second = torch.randn(16, 8, 1, 1, generator=generator)
    images = torch.randn(4, 3, 32, 32, generator=generator)
    noise = torch.randn(4, 3, 32, 32, generator=generator)
    running = [torch.ones(8), torch.ones(16)]

    def forward(x: torch.Tensor) -> torch.Tensor:
        for layer, (weight, stride, pad) in enumerate([(first, 2, 1), (second, 1, 0)]):
            x = nn.functional.conv2d(x, weight, stride=stride, padding=pad)
            flat = x.transpose(0, 1).flatten(1)
            running[layer] = 0.9 * running[layer] + 0.1 * flat.var(dim=1)
            mean, var = flat.mean(1), flat.var(1, unbiased=False)
            x = (x - mean[:, None, None]) / (var[:, None, None] + 1e-3).sqrt()
            x = x.relu()
        return x

    change = (forward(images) - forward(images + 0.01 * noise)).abs().flatten(1).sum(1).mean()
    wanted = change.log() + sum(0.5 * var.mean().log() for var in running)
    ours = zen(arch, Settings(seed=5, resolution=32, batch=4))
    assert ours == pytest.approx(float(wanted), abs=1e-4)


def test_zen_leaves_the_global_random_state_alone() -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    score(SMALL, "zen", resolution=32, batch=2)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("batch", [-1, 1, 2**20])
def test_numbers_of_images_are_bounded(batch: int) -> None:
    with pytest.raises(ProxyError, match="batch: 2 to 65,536 are allowed"):
        score(SMALL, "naswot", resolution=32, batch=batch)


def test_a_score_that_is_not_finite_raises() -> None:
    name = "test_nan"
    if name not in PROXIES:
        register_proxy(name, unit="", source="test")(lambda arch, settings: float("nan"))
    try:
        with pytest.raises(ProxyError, match="not a finite number"):
            score(SMALL, name)
    finally:
        del PROXIES._entries[name]


def test_names_are_unique_and_misspelt_ones_are_answered() -> None:
    with pytest.raises(DuplicateNameError, match="proxy 'zen' is registered already"):
        register_proxy("zen", unit="", source="")(zen)
    with pytest.raises(UnknownNameError, match="did you mean 'deepmad'"):
        score(SMALL, "deepmat")


def test_a_single_draw_has_no_spread_and_repeats_use_the_next_seeds() -> None:
    both = score(SMALL, "zen", seed=2, repeats=2, resolution=32, batch=2)
    single = [score(SMALL, "zen", seed=seed, resolution=32, batch=2) for seed in (2, 3)]
    assert both.draws == tuple(map(float, single))
    assert single[0].std == 0.0
