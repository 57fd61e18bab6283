"""Everything that decides what is trained, and where it runs, as two values of plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from nasfer.errors import SpecError

Sampler = Literal["tpe", "nsga2", "evolution", "random"]
Scheduler = Literal["none", "asha", "hyperband", "median", "pbt"]


LARGEST = {
    "seeds": 10_000, "seed": 2**31 - 1, "top": 10**6, "trials": 10**6, "grace": 10**6,
}  # fmt: skip
"""What each number is at most."""


@dataclass(frozen=True, slots=True)
class TuneSettings:
    """What decides the result of a tuning, as texts: for ``run.yaml``, and for workers.

    Args:
        sources: run folders, presets, structures, files or spaces, paths absolute.
        data: the ``--data`` value, paths absolute.
        recipe: name or file.
        options: fields of the recipe, as text, ``epochs`` among them.
        resolution: side of the images, in pixels; ``None``: the recipe's or the data's.
        on_bad_image: ``stop`` or ``skip``.
        seeds: trainings a candidate, with the seeds ``seed``, ``seed + 1``, ...
        seed: the first; also of everything that is sampled.
        top: candidates of a search's run folder.
        trials: proposals: of a space candidates, of a given candidate draws of ``search``.
        sampler: who proposes.
        budget: limits by name that a space's candidates keep instead of the space's own; ``None``
            is no limit.
        search: ranges of recipe values, as text by name, such as ``loguniform(1e-4,1e-1)``.
        scheduler: who stops trials early.
        grace: epochs before which no trial is stopped.
        threads: of torch; other numbers give other last bits.
    Raises:
        SpecError: a number is too large.
    """

    sources: tuple[str, ...]
    data: str
    recipe: str = "nasfer"
    options: Mapping[str, str] = field(default_factory=dict)
    resolution: int | None = None
    on_bad_image: str = "stop"
    seeds: int = 1
    seed: int = 0
    top: int = 8
    trials: int = 8
    sampler: Sampler = "tpe"
    budget: Mapping[str, int | float | None] = field(default_factory=dict)
    search: Mapping[str, str] = field(default_factory=dict)
    scheduler: Scheduler = "none"
    grace: int = 1
    threads: int = 1

    def __post_init__(self) -> None:
        for name, most in LARGEST.items():
            if getattr(self, name) > most:
                raise SpecError(f"`{name}`: over {most:,}, which is the most allowed")

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; `from_dict` of it is equal."""
        return {**asdict(self), "sources": list(self.sources)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TuneSettings:
        """Return the settings that `to_dict` described."""
        return cls(**{**data, "sources": tuple(data["sources"])})


@dataclass(frozen=True, slots=True)
class Resources:
    """Where trials run; never part of the result.

    Args:
        cpus: a trial; fractions let trials share one.
        gpus: a trial.
        at_once: trials at most; ``None``: as many as fit.
        address: of a Ray cluster, ``host:port`` or ``auto``; ``None``: ``RAY_ADDRESS``, else a Ray
            of its own on this machine.
        retries: of a trial whose process was lost; it goes on from its last epoch.
    """

    cpus: float = 1.0
    gpus: float = 0.0
    at_once: int | None = None
    address: str | None = None
    retries: int = 2


def as_text(value: Any) -> str:
    """Return a recipe value as text that is read back exactly.

    Example:
        >>> as_text(0.1), as_text("sgd"), as_text(None)
        ('0.1', 'sgd', 'none')
    """
    if value is None:
        return "none"
    return repr(float(value)) if isinstance(value, float) else str(value)
