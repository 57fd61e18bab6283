"""Everything that decides a search's result."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from nasfer.proxies import Settings
from nasfer.searching.budget import Budget
from nasfer.searching.objective import Objective


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

    def plain(self) -> dict[str, Any]:
        """Return plain data, flat, for ``run.yaml``."""
        data = asdict(self)
        return {**data.pop("budget"), **{f"objective_{k}": v for k, v in
                data.pop("objective").items()}, **data}  # fmt: skip

    def proxy_settings(self) -> Settings:
        """Return how networks are scored."""
        return Settings(self.seed, self.resolution, self.batch)

    def proposal_settings(self) -> Settings:
        """Return how proposals are scored."""
        return Settings(
            self.seed, self.proxy_resolution or self.resolution, self.proxy_batch or self.batch
        )
