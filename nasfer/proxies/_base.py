"""What a proxy is, and the one place that seeds, repeats and refuses non-finite scores."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass

from nasfer.arch import Arch
from nasfer.costs import cost
from nasfer.costs.cost import MOST_ACTIVATION_BYTES
from nasfer.errors import ProxyError
from nasfer.registry import Registry

MOST_REPEATS = 10_000


@dataclass(frozen=True, slots=True)
class Settings:
    """How a network is scored.

    Args:
        seed: of every random draw.
        resolution: side of the square images, in pixels.
        batch: images a draw; proxies that draw nothing ignore it.
    """

    seed: int = 0
    resolution: int = 224
    batch: int = 16


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
    """

    name: str
    function: Callable[[Arch, Settings], float]
    higher_is_better: bool
    random: bool
    unit: str
    summary: str
    source: str


class Score(float):
    """Mean score over the draws; also a plain float.

    Attributes:
        draws: the score of each draw.
        std: standard deviation over draws, 0.0 for a single one.
    Example:
        >>> score = Score([1.0, 3.0])
        >>> score == 2.0, round(score.std, 4)
        (True, 1.4142)
    """

    draws: tuple[float, ...]

    def __new__(cls, draws: list[float]) -> Score:
        score = super().__new__(cls, statistics.fmean(draws))
        score.draws = tuple(draws)
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
) -> Callable[[Callable[[Arch, Settings], float]], Callable[[Arch, Settings], float]]:
    """Decorator: make ``(arch, settings) -> float`` known as a proxy.

    The first line of its docstring becomes its summary.

    Raises:
        DuplicateNameError: the name is taken.
    """

    def register(function: Callable[[Arch, Settings], float]) -> Callable[[Arch, Settings], float]:
        summary = (function.__doc__ or name).strip().splitlines()[0]
        PROXIES.add(name, Proxy(name, function, higher_is_better, random, unit, summary, source))
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
) -> Score:
    """Score an architecture by a proxy, several times where the proxy is random.

    Args:
        arch: the architecture.
        proxy: a registered name.
        seed: of the first draw; draw ``i`` uses ``seed + i``.
        repeats: draws; a proxy that draws nothing is computed once.
        resolution: side of the square images, in pixels.
        batch: images a draw.
    Returns:
        The mean, with ``draws`` and ``std``.
    Raises:
        UnknownNameError: no such proxy.
        ProxyError: the proxy does not apply, or its value is not finite: never a number then.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> float(score(parse_arch("SuperConvK3BNRELU(3,8,2,1)"), "params"))
        295.0
    """
    entry = PROXIES.get(proxy)
    if not 1 <= repeats <= MOST_REPEATS:
        raise ProxyError(f"repeats: 1 to {MOST_REPEATS:,} are allowed")
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
        value = float(entry.function(arch, Settings(seed + index, resolution, batch)))
        if not math.isfinite(value):
            raise ProxyError(
                f"{proxy}: the score of {arch.digest()} is {value}, not a finite number"
            )
        draws.append(value)
    return Score(draws)
