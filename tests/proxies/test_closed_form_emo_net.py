"""The closed-form Zen-score on linear bottlenecks and ReLU6, against the measured one."""

from __future__ import annotations

import dataclasses

import pytest

from nasfer.arch import Arch
from nasfer.arch.blocks import EmoStage
from nasfer.errors import ProxyError
from nasfer.presets import PRESETS
from nasfer.proxies import Settings
from nasfer.proxies.mean_field import relu6_moments
from nasfer.proxies.zen import zen
from nasfer.proxies.zen_closed_form import zen_closed_form


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
def test_closed_form_is_near_the_measured_score(attention: str, gap: float) -> None:
    settings = Settings(seed=3, resolution=224)
    arch = emo_net(attention)
    assert abs(zen_closed_form(arch, settings) - zen(arch, settings)) < gap


def test_measured_score_draws_every_weight_from_its_seed() -> None:
    settings = Settings(seed=3, resolution=64, batch=2)
    assert zen(emo_net("eca"), settings) == zen(emo_net("eca"), settings)


def test_relu6_that_clips_is_refused() -> None:
    with pytest.raises(ProxyError, match="clips"):
        relu6_moments(1.5)


def test_closed_form_refuses_what_it_does_not_cover() -> None:
    with pytest.raises(ProxyError, match="no mean field for"):
        zen_closed_form(PRESETS.get("efficientface").arch, Settings())
