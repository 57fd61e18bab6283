"""Everything that decides a search's result."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from nasfer.costs.cost import LARGEST_PX
from nasfer.errors import SpecError
from nasfer.proxies import PROXIES, Settings
from nasfer.proxies.learnt import LearntProxy
from nasfer.searching.budget import Budget
from nasfer.searching.objective import Objective
from nasfer.searching.strategy import STRATEGIES

SMALLEST = {
    "iterations": 1, "population": 2, "seed": 0, "resolution": 1, "batch": 2, "top": 0,
    "repeats": 1, "proxy_resolution": 1, "proxy_batch": 2,
}  # fmt: skip
"""What each number is at least."""

LARGEST = {
    "iterations": 10**9, "population": 10**6, "seed": 2**31 - 1, "resolution": LARGEST_PX,
    "batch": 2**16, "top": 10**6, "repeats": 10**4, "proxy_resolution": LARGEST_PX,
    "proxy_batch": 2**16,
}  # fmt: skip
"""What each number is at most."""


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """Everything that decides a search's result.

    Args:
        space: name or path of the space.
        space_digest: of the content of its file: a changed file is another search.
        budget: limits.
        objective: what is maximised.
        strategy: registered name.
        iterations: proposals.
        population: members kept.
        seed: of the proposals.
        resolution: side of the images, in pixels.
        batch: images a draw of measured scores.
        top: distinct candidates that are measured; 0 leaves the ranking to the proposals' score.
        repeats: draws a candidate.
        proxy_resolution: side of the images on which proposals are scored; ``None``: the same.
        proxy_batch: images a draw of the proposals' score; ``None``: the same.
        proxy_digest: of the file that the proxy was read from, if it is a predictor's: another
            file is another search.
        data: faces on which proposals are scored, where the proxy reads faces.
        device: where networks are measured; it decides no more than rounding, and no run folder
            says it.
    Raises:
        SpecError: a number is too small or too large.
        ProxyError: the proxy reads faces and there are none, or the other way round; or it is a
            predictor that was learnt at another size of images.
        UnknownNameError: no such strategy.
    Example:
        >>> SearchSettings("zennet_r", "", Budget(), population=1)
        Traceback (most recent call last):
        nasfer.errors.SpecError: `population`: 1; a whole number from 2 is needed
    """

    space: str
    space_digest: str
    budget: Budget
    objective: Objective = field(default_factory=Objective)
    strategy: str = "evolution"
    iterations: int = 480_000
    population: int = 512
    seed: int = 0
    resolution: int = 224
    batch: int = 16
    top: int = 10
    repeats: int = 3
    proxy_resolution: int | None = None
    proxy_batch: int | None = None
    proxy_digest: str = ""
    data: str | None = None
    device: str = "cpu"

    def __post_init__(self) -> None:
        STRATEGIES.get(self.strategy)
        proxy = PROXIES.get(self.objective.proxy)
        proxy.check_data(self.data)
        for name, least in SMALLEST.items():
            value = getattr(self, name)
            if value is None and name.startswith("proxy_"):
                continue
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise SpecError(f"`{name}`: {value!r}; a whole number from {least} is needed")
            if value > LARGEST[name]:
                raise SpecError(f"`{name}`: over {LARGEST[name]:,}, which is the most allowed")
        if isinstance(proxy, LearntProxy):
            proxy.check(self.proposal_settings().resolution)
            object.__setattr__(self, "proxy_digest", proxy.digest)

    def plain(self) -> dict[str, Any]:
        """Return plain data, flat, for ``run.yaml``."""
        data = asdict(self)
        if not self.proxy_digest:
            del data["proxy_digest"]
        del data["device"]
        if self.data is None:  # as in the folders of searches without faces
            del data["data"]
        budget = data.pop("budget")
        for name in ("min_map", "max_map"):  # likewise
            if budget[name] is None:
                del budget[name]
        return {**budget, **{f"objective_{k}": v for k, v in
                data.pop("objective").items()}, **data}  # fmt: skip

    def proxy_settings(self) -> Settings:
        """Return how networks are scored."""
        return Settings(self.seed, self.resolution, self.batch, device=self.device)

    def proposal_settings(self) -> Settings:
        """Return how proposals are scored."""
        resolution, batch = self.proxy_resolution or self.resolution, self.proxy_batch or self.batch
        return Settings(self.seed, resolution, batch, self.data or "", self.device)
