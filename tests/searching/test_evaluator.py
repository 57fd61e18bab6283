"""The fast evaluator says what the slow readers say."""

from __future__ import annotations

import random
from statistics import median_high

import pytest

from nasfer.costs import cost
from nasfer.proxies import Settings, score
from nasfer.proxies.deepmad import depth_penalty, effectiveness
from nasfer.searching import Budget, Evaluator, Objective
from nasfer.space import list_spaces, load_space

BUDGET = Budget(max_flops=450_000_000, max_params=1_000_000, max_layers=14)

MEMBERS = 60
"""Drawn of each space."""


@pytest.mark.parametrize("name", list_spaces())
@pytest.mark.parametrize("resolution", [48, 224])
def test_it_equals_cost_and_score(name: str, resolution: int) -> None:
    space, rng = load_space(name), random.Random(7)
    members = [space.sample(rng=rng) for _ in range(MEMBERS)]
    costs = [cost(arch, resolution) for arch in members]
    budget = Budget(  # some of the space are within each limit, some not
        max_flops=median_high(full.flops for full in costs),
        max_params=median_high(full.params for full in costs),
        max_macs=max(full.macs for full in costs) - 1,
        max_layers=max(full.layers for full in costs),
    )
    evaluate = Evaluator(budget, Objective(), Settings(resolution=resolution))
    feasible = 0
    for arch, full in zip(members, costs):
        outcome = evaluate(arch)
        assert outcome.flops == full.flops
        complaint = budget.why_not(arch, full, resolution)
        assert (outcome.slack == 0.0) == (complaint is None), complaint
        if complaint is None:
            feasible += 1
            wanted = score(arch, "zen_closed_form", resolution=resolution)
            assert outcome.value == pytest.approx(float(wanted), abs=1e-9)
    assert 0 < feasible < MEMBERS


def test_slack_is_the_largest_relative_excess() -> None:
    arch = load_space("zennet_m").start
    full = cost(arch)
    budget = Budget(max_flops=full.flops // 2, max_params=full.params // 4, max_layers=100)
    outcome = Evaluator(budget, Objective(), Settings())(arch)
    assert outcome.slack == pytest.approx(-(full.params / (full.params // 4) - 1))


def test_the_rho_limit_is_kept() -> None:
    space, rng = load_space("zennet_m"), random.Random(1)
    evaluate = Evaluator(Budget(max_rho=0.5), Objective(), Settings())
    for _ in range(50):
        arch = space.sample(rng=rng)
        assert (evaluate(arch).slack == 0.0) == (effectiveness(arch) <= 0.5)


def test_the_weighted_objective_is_the_papers_sum() -> None:
    arch = load_space("zennet_m").start
    settings = Settings()
    objective = Objective(weight=2.0, deepmad_weight=3.0, depth_penalty=5.0)
    value = Evaluator(Budget(), objective, settings)(arch).value
    import math

    wanted = (
        2.0 * float(score(arch, "zen_closed_form"))
        + 3.0 * math.log(float(score(arch, "deepmad")))
        - 5.0 * depth_penalty(arch)
    )
    assert value == pytest.approx(wanted)


@pytest.mark.parametrize("proxy", ["flops", "params", "depth", "deepmad", "random"])
def test_any_proxy_can_be_searched_on(proxy: str) -> None:
    arch = load_space("zennet_r").start
    value = Evaluator(Budget(), Objective(proxy), Settings(seed=3))(arch).value
    assert value == float(score(arch, proxy, seed=3))


def test_the_memo_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nasfer.searching.evaluator.MEMO_BLOCKS", 50)
    space, rng = load_space("zennet_m"), random.Random(7)
    evaluate = Evaluator(BUDGET, Objective(), Settings())
    plain = Evaluator(BUDGET, Objective(), Settings())
    for _ in range(100):
        arch = space.sample(rng=rng)
        assert evaluate(arch) == plain(arch)
        assert evaluate._memo.blocks < 100
