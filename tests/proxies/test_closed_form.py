"""The closed-form Zen-score against the measured one, on every family's preset and members."""

from __future__ import annotations

import dataclasses
import random

import pytest
from scipy.stats import kendalltau

from nasfer.arch import Arch, ops, parse_arch
from nasfer.arch.blocks import EmoStage
from nasfer.errors import ProxyError
from nasfer.presets import PRESETS, load_arch
from nasfer.proxies import Settings, score
from nasfer.proxies.gaussian_integrals import (
    maximum_moments,
    mean_squared_gate,
    relu6_moments,
)
from nasfer.proxies.mean_field import Signal
from nasfer.proxies.readings import propagate
from nasfer.proxies.zen import zen
from nasfer.proxies.zen_closed_form import zen_closed_form
from nasfer.space import list_spaces, load_space


def emo_net(attention: str) -> Arch:
    arch = PRESETS.get("emo_net").arch
    blocks = (
        dataclasses.replace(block, attention=attention)  # type: ignore[arg-type]
        if isinstance(block, EmoStage)
        else block
        for block in arch.blocks
    )
    return Arch(tuple(blocks), arch.head)


@pytest.mark.parametrize(
    ("attention", "gap"),
    [("none", 0.3), ("eca", 0.4), ("sa", 0.3), ("se", 2.5)],  # draws have a std of 0.1
)
def test_emo_net_is_near_the_measured_score(attention: str, gap: float) -> None:
    settings = Settings(seed=3, resolution=224)
    arch = emo_net(attention)
    assert abs(zen_closed_form(arch, settings) - zen(arch, settings)) < gap


@pytest.mark.parametrize(
    ("name", "gap"),
    [
        ("zennet_m_sa_all", 1.0), ("zennet_r_sa_all", 2.0), ("efficientface", 0.5),
        ("attention_emotion_net", 3.0), ("amp_net", 8.0),  # of 186: small maps, see the module
    ],
)  # fmt: skip
def test_every_kind_of_block_is_near_the_measured_score(name: str, gap: float) -> None:
    settings = Settings(seed=0, resolution=96, batch=8)
    arch = load_arch(name)
    assert abs(zen_closed_form(arch, settings) - zen(arch, settings)) < gap


@pytest.mark.parametrize("name", list_spaces())
def test_members_are_ranked_as_measured(name: str) -> None:
    rng = random.Random(5)
    archs = [load_space(name).sample(rng=rng) for _ in range(12)]
    closed = [score(arch, "zen_closed_form", resolution=64) for arch in archs]
    measured = [score(arch, "zen", resolution=64, batch=4) for arch in archs]
    assert kendalltau(closed, measured).statistic > 0.75  # 0.95 and more on 100 members


def test_a_branch_that_passes_lowers_the_depth_but_not_the_norms() -> None:
    unit = ops.sequence(ops.Conv(8, 8, 3), ops.BatchNorm(8), ops.RELU)
    signal = propagate(unit, Signal(ops.Shape(8, 16, 16))).signal
    alone, beside = propagate(unit, signal), propagate(ops.Concat((ops.sequence(), unit)), signal)
    assert beside.log_norms == alone.log_norms
    assert 0 < beside.relus < alone.relus == 1


def test_maximum_of_one_is_the_value_itself() -> None:
    assert maximum_moments(1, rectified=False) == pytest.approx((0, 1), abs=1e-9)
    assert maximum_moments(1, rectified=True) == pytest.approx(relu6_moments(1.0), abs=1e-4)


def test_gates_of_no_signal_are_half_open() -> None:
    for kind in ("sigmoid", "hard_sigmoid"):
        assert mean_squared_gate(0.0, kind) == pytest.approx(0.25)


def test_relu6_that_clips_is_refused() -> None:
    with pytest.raises(ProxyError, match="clips"):
        relu6_moments(1.5)


def test_what_the_derivation_does_not_cover_is_refused() -> None:
    with pytest.raises(ProxyError, match="no mean field for gelu"):
        propagate(ops.Activation("gelu"), Signal(ops.Shape(8, 4, 4)))


def test_a_head_that_convolves_is_followed_to_its_global_mean() -> None:
    plain = parse_arch("SuperConvK3BNRELU(3,16,2,1)")
    late = parse_arch("SuperConvK3BNRELU(3,16,2,1)AMPHead(16,7,lp=0,ap=0,gp_width=16)")
    for proxy in ("zen", "zen_closed_form"):
        assert score(late, proxy, resolution=64) > score(plain, proxy, resolution=64) + 5
