"""What a search maximises."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nasfer.arch import Arch
from nasfer.errors import ProxyError, SpecError
from nasfer.proxies import PROXIES, Settings
from nasfer.proxies.deepmad import deepmad, depth_penalty

CLOSED_FORM = "zen_closed_form"

LARGEST = 1e9
"""Of weights, in size."""


@dataclass(frozen=True, slots=True)
class Objective:
    """``weight * proxy + deepmad_weight * log(deepmad) - depth_penalty * exp(std of depths)``.

    Args:
        proxy: name of the main proxy; one where lower is better enters with a minus.
        weight: of the main proxy.
        deepmad_weight: of the logarithm of DeepMAD's entropy; 0 leaves it out.
        depth_penalty: of uneven depth, 5 in ZenNet-SA's script; 0 leaves it out.
    Raises:
        UnknownNameError: no such proxy.
        SpecError: a weight is no finite number, or a very large one.
    Source: ZenNet-SA's search script.
    """

    proxy: str = CLOSED_FORM
    weight: float = 1.0
    deepmad_weight: float = 0.0
    depth_penalty: float = 0.0

    def __post_init__(self) -> None:
        PROXIES.get(self.proxy)
        weights = ("proxy_weight", self.weight), ("deepmad_weight", self.deepmad_weight)
        for name, value in (*weights, ("depth_penalty", self.depth_penalty)):
            if not math.isfinite(value) or abs(value) > LARGEST:
                raise SpecError(f"`{name}`: {value}; a number from -1e9 to 1e9 is needed")

    @property
    def is_zen(self) -> bool:
        """Whether the main proxy is the Zen-score, computed or measured."""
        return self.proxy in (CLOSED_FORM, "zen")

    def value(self, arch: Arch, proxy_score: float, settings: Settings) -> float:
        """Join the main proxy's score with the terms that are switched on.

        Raises:
            ProxyError: the main proxy's score is not finite.
        """
        if not math.isfinite(proxy_score):
            raise ProxyError(f"{self.proxy}: the score of {arch.digest()} is {proxy_score}")
        sign = 1.0 if PROXIES.get(self.proxy).higher_is_better else -1.0
        total = sign * self.weight * proxy_score
        if self.deepmad_weight:
            total += self.deepmad_weight * math.log(deepmad(arch, settings))
        if self.depth_penalty:
            total -= self.depth_penalty * depth_penalty(arch)
        return total
