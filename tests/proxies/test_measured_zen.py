"""The measured Zen-score draws everything from its seed, and refuses what it does not see."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from nasfer.arch import Arch, parse_arch
from nasfer.errors import ProxyError
from nasfer.presets import load_arch
from nasfer.proxies import Settings, score
from nasfer.proxies.zen import zen

SMALL = Settings(seed=3, resolution=48, batch=2)
DROPS = "residual=1,stochastic_depth=0.5"


@pytest.mark.parametrize("options", ["", ",dropout=0.5", f",{DROPS}"])
def test_what_training_drops_is_off(options: str) -> None:
    plain = parse_arch("SuperConvK3BNRELU(3,16,2,1)AttentionSE(16,16)")
    dropping = parse_arch(f"SuperConvK3BNRELU(3,16,2,1)AttentionSE(16,16{options})")
    assert zen(dropping, SMALL) == zen(plain, SMALL)


@pytest.mark.parametrize("name", ["emo_net", "attention_emotion_net", "efficientface"])
def test_score_follows_its_seed_alone(name: str) -> None:
    arch, scores = load_arch(name), []
    for seed in (0, 1):
        torch.manual_seed(seed)
        scores.append(zen(arch, SMALL))
    assert scores[0] == scores[1]


def test_deepmad_refuses_a_trunk_that_goes_on_in_the_head() -> None:
    arch = parse_arch("SuperConvK3BNRELU(3,16,2,1)AMPHead(16,7,lp=0,ap=0,gp_width=16)")
    with pytest.raises(ProxyError, match="AMPHead goes on convolving behind the last map"):
        score(arch, "deepmad")


def test_depth_counts_the_trunk_in_the_head() -> None:
    arch = parse_arch("SuperConvK3BNRELU(3,16,2,1)AMPHead(16,7,lp=0,ap=0,gp_width=16)")
    assert score(arch, "depth") == 1 + 3 * 4  # three one-shot stages of three and one


def test_the_depth_of_branches_is_that_of_the_longest() -> None:
    arch = load_arch("efficientface")
    unlocal = dataclasses.replace(arch.blocks[1], local=False)  # type: ignore[call-arg]
    without = Arch((arch.blocks[0], unlocal, *arch.blocks[2:]), arch.head)
    assert score(arch, "depth") == score(without, "depth") == 2 + 3 * (4 + 8 + 4)
