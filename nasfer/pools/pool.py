"""`Pool`: networks that were trained alike, with the accuracies that they reached."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nasfer.arch import Arch

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "structure", "digest", "family", "accuracy", "seeds", "spread", "flops", "params",
    "resolution", "dataset", "recipe",
)  # fmt: skip
"""Of `Pool.frame`, and of the file that `nasfer pool export` writes."""


@dataclass(frozen=True)
class PooledNetwork:
    """A trained network.

    Args:
        arch: its structure.
        accuracy: in percent, the mean over its seeds.
        seeds: trainings that the mean is of.
        spread: sample standard deviation over seeds, in percent; ``None`` of a single one.
        flops: of one image, by nasfer's count at ``resolution``.
        params: by nasfer's count.
        family: the space that it is a member of, or its kinds of block as text.
        losses: training loss by epoch, the mean over seeds; empty where nobody kept them.
        dataset: that it was trained on; empty where nothing says so.
        resolution: side of the images, in pixels.
        recipe: that it was trained by; empty where nothing says so.
    """

    arch: Arch
    accuracy: float
    seeds: int
    spread: float | None
    flops: int
    params: int
    family: str
    losses: tuple[float, ...] = ()
    dataset: str = ""
    resolution: int = 0
    recipe: str = ""


@dataclass(frozen=True)
class Pool:
    """Trained networks, one entry each, however many seeds it was trained with.

    Args:
        networks: each structure once for each data set, size and recipe.
        resolution: side of the images that all were trained on, in pixels; 0 if they differ.
        dataset: of all; empty if they differ or nothing says it.
        recipe: likewise.
        name: for people: files and folders that it was read from.
    """

    networks: tuple[PooledNetwork, ...]
    resolution: int
    dataset: str
    recipe: str
    name: str

    def __len__(self) -> int:
        return len(self.networks)

    @property
    def archs(self) -> tuple[Arch, ...]:
        """The structures, in order."""
        return tuple(network.arch for network in self.networks)

    @property
    def accuracies(self) -> np.ndarray:
        """Accuracies in percent, ``(n,)``."""
        return np.array([network.accuracy for network in self.networks])

    @property
    def noise(self) -> float | None:
        """Standard deviation of one training over seeds, in percent, pooled over the networks.

        ``None`` where no network was trained twice.
        """
        repeated = [(n.seeds - 1, n.spread) for n in self.networks if n.spread is not None]
        freedom = sum(degrees for degrees, _ in repeated)
        if not freedom:
            return None
        return math.sqrt(sum(degrees * spread**2 for degrees, spread in repeated) / freedom)

    @property
    def families(self) -> tuple[str, ...]:
        """The families, each once, in order."""
        return tuple(dict.fromkeys(network.family for network in self.networks))

    def take(self, indices: Iterable[int]) -> Pool:
        """Return the networks at these places, in this order."""
        return dataclasses.replace(self, networks=tuple(self.networks[int(i)] for i in indices))

    def within(self, low: float, high: float) -> Pool:
        """Return the networks of ``low`` to ``high`` FLOPs, both ends among them."""
        inside = tuple(n for n in self.networks if low <= n.flops <= high)
        return dataclasses.replace(self, networks=inside)

    def frame(self) -> pd.DataFrame:
        """Return a table, one row a network: `COLUMNS`, then ``train_loss_1`` and so on."""
        import pandas as pd

        rows = [
            {
                "structure": str(network.arch),
                "digest": network.arch.digest(),
                **{name: getattr(network, name) for name in COLUMNS[2:]},
                **{f"train_loss_{e}": loss for e, loss in enumerate(network.losses, start=1)},
            }
            for network in self.networks
        ]
        epochs = max((len(network.losses) for network in self.networks), default=0)
        losses = [f"train_loss_{epoch}" for epoch in range(1, epochs + 1)]
        return pd.DataFrame(rows, columns=[*COLUMNS, *losses]).astype({"spread": float})
