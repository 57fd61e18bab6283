"""What a proxy is, and the one place that seeds, repeats and refuses non-finite scores."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from nasfer.arch import Arch
from nasfer.costs import cost
from nasfer.costs.cost import MOST_ACTIVATION_BYTES
from nasfer.errors import ProxyError
from nasfer.registry import Registry

MOST_REPEATS = 10_000
MOST_IMAGES = 2**16

Needs = Literal["structure", "images", "gradients", "faces"]
"""What a proxy reads: the structure alone, drawn images, gradients on them, a user's faces."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a network is scored.

    Args:
        seed: of every random draw.
        resolution: side of the square images, in pixels.
        batch: images a draw; proxies that draw nothing ignore it, and those of a user's faces say
            themselves how many they read.
        data: faces, ``NAME[:PATH][,option=value...]``; only proxies that need faces read it.
        device: where networks are computed, ``cpu``, ``cuda``, ...
    """

    seed: int = 0
    resolution: int = 224
    batch: int = 16
    data: str = ""
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Proxy:
    """A training-free score of a network.

    Args:
        name: registry key.
        function: ``(arch, settings) -> float``.
        higher_is_better: whether a larger score promises a better network.
        random: whether the score depends on the seed, so that repeats mean something.
        unit: of the score.
        summary: one line for tables.
        source: paper or derivation.
        needs: what it reads.
    """

    name: str
    function: Callable[[Arch, Settings], float]
    higher_is_better: bool
    random: bool
    unit: str
    summary: str
    source: str
    needs: Needs = "structure"

    @property
    def measured(self) -> bool:
        """Whether it computes a network, on some device."""
        return self.needs != "structure"

    @property
    def needs_data(self) -> bool:
        """Whether it reads a user's faces, which have to be named."""
        return self.needs == "faces"

    def check_data(self, data: str | None) -> None:
        """Refuse to score without faces what needs them, and with faces what reads none.

        Raises:
            ProxyError: either.
        """
        if self.needs_data and not data:
            raise ProxyError(f"`proxy`: {self.name} reads faces; give `data`, NAME:PATH")
        if data and not self.needs_data:
            raise ProxyError(f"`data`: {self.name} reads no faces; leave it out")


class Whole(float):
    """A score that is made of parts; also a plain float.

    Attributes:
        parts: value of each part by name.
    Example:
        >>> Whole(3.0, {"one": 1.0, "two": 2.0}).parts["two"]
        2.0
    """

    parts: Mapping[str, float]

    def __new__(cls, value: float, parts: Mapping[str, float]) -> Whole:
        whole = super().__new__(cls, value)
        whole.parts = dict(parts)
        return whole


class Score(float):
    """Mean score over the draws; also a plain float.

    Attributes:
        draws: the score of each draw.
        std: standard deviation over draws, 0.0 for a single one.
        parts: mean over the draws of each part, where the proxy shows parts.
    Example:
        >>> score = Score([1.0, 3.0])
        >>> score == 2.0, round(score.std, 4)
        (True, 1.4142)
    """

    draws: tuple[float, ...]
    parts: Mapping[str, float]

    def __new__(cls, draws: Sequence[float]) -> Score:
        score = super().__new__(cls, statistics.fmean(draws))
        score.draws = tuple(map(float, draws))
        wholes = [draw.parts for draw in draws if isinstance(draw, Whole)]
        names = wholes[0] if wholes else ()
        score.parts = {n: statistics.fmean(parts[n] for parts in wholes) for n in names}
        return score

    @property
    def std(self) -> float:
        """Sample standard deviation over draws."""
        return statistics.stdev(self.draws) if len(self.draws) > 1 else 0.0


PROXIES: Registry[Proxy] = Registry("proxy", entry_points="nasfer.proxies")
"""Every proxy by name; outside ones come by the entry point ``nasfer.proxies``."""


def register_proxy(
    name: str,
    *,
    higher_is_better: bool = True,
    random: bool = False,
    unit: str,
    source: str,
    needs: Needs = "structure",
) -> Callable[[Callable[[Arch, Settings], float]], Callable[[Arch, Settings], float]]:
    """Decorator: make ``(arch, settings) -> float`` known as a proxy.

    The first line of its docstring becomes its summary.

    Args:
        name: registry key.
        higher_is_better: whether a larger score promises a better network.
        random: whether the score depends on the seed.
        unit: of the score.
        source: paper or derivation.
        needs: ``structure``, ``images`` (a network and drawn images), ``gradients`` (on them) or
            ``faces`` (a user's, of ``settings.data``).
    Raises:
        DuplicateNameError: the name is taken.
    """

    def register(function: Callable[[Arch, Settings], float]) -> Callable[[Arch, Settings], float]:
        summary = (function.__doc__ or name).strip().splitlines()[0].replace("``", "")
        proxy = Proxy(name, function, higher_is_better, random, unit, summary, source, needs)
        PROXIES.add(name, proxy)
        return function

    return register


def score(
    arch: Arch,
    proxy: str,
    *,
    seed: int = 0,
    repeats: int = 1,
    resolution: int = 224,
    batch: int = 16,
    data: str | None = None,
    device: str = "cpu",
) -> Score:
    """Score an architecture by a proxy, several times where the proxy is random.

    Args:
        arch: the architecture.
        proxy: a registered name.
        seed: of the first draw; draw ``i`` uses ``seed + i``.
        repeats: draws; a proxy that draws nothing is computed once.
        resolution: side of the square images, in pixels.
        batch: images a draw.
        data: faces, ``NAME[:PATH][,option=value...]``, for a proxy that needs them; others do not
            read it.
        device: where a network is computed, one that torch has.
    Returns:
        The mean, with ``draws`` and ``std``, and ``parts`` where the proxy shows some.
    Raises:
        UnknownNameError: no such proxy.
        ProxyError: the proxy does not apply, or its value is not finite: never a number then; or it
            needs faces, and there are none.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> float(score(parse_arch("SuperConvK3BNRELU(3,8,2,1)"), "params"))
        295.0
    """
    entry = PROXIES.get(proxy)
    if entry.needs_data:
        entry.check_data(data)
    if not 1 <= repeats <= MOST_REPEATS:
        raise ProxyError(f"repeats: 1 to {MOST_REPEATS:,} are allowed")
    if entry.measured and not 2 <= batch <= MOST_IMAGES:
        raise ProxyError(f"batch: 2 to {MOST_IMAGES:,} are allowed")
    if not 0 <= seed < 2**32:
        raise ProxyError(f"seed: 0 to {2**32 - 1:,} are allowed")
    needed = cost(arch, resolution).peak_activation_bytes * batch
    if entry.random and needed > MOST_ACTIVATION_BYTES:
        raise ProxyError(
            f"batch, resolution: {batch} images of {resolution} px need {needed / 2**30:,.0f} GiB"
            f" of maps; {MOST_ACTIVATION_BYTES // 2**30} GiB at most are allowed"
        )
    draws = []
    for index in range(repeats if entry.random else 1):
        settings = Settings(seed + index, resolution, batch, data or "", device)
        value = entry.function(arch, settings)
        if not math.isfinite(value):
            raise ProxyError(
                f"{proxy}: the score of {arch.digest()} is {value}, not a finite number"
            )
        draws.append(value)
    return Score(draws)
