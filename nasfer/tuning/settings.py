"""Everything that decides what is trained, and where it runs, as two values."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from nasfer.training.recipe import load_recipe

Sampler = Literal["tpe", "nsga2", "evolution", "random"]
Scheduler = Literal["none", "asha", "hyperband", "median", "pbt"]


@dataclass(frozen=True, slots=True)
class TuneSettings:
    """What decides the result of a tuning; kept in ``run.yaml``.

    Args:
        sources: run folders, presets, structures, files or spaces, as the user wrote them.
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
        budget: limits of a space's candidates by name; ``None`` is no limit.
        search: ranges of recipe values, as text by name, such as ``loguniform(1e-4,1e-1)``.
        scheduler: who stops trials early.
        grace: epochs before which no trial is stopped.
        threads: of torch; other numbers give other last bits.
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

    def asdict(self) -> dict[str, Any]:
        """Return plain data; ``TuneSettings(**data)`` is equal."""
        return asdict(self)

    def plain(self) -> dict[str, Any]:
        """Return plain data for ``run.yaml``, with all that the recipe says now.

        A run goes on with the recipe that it began with, or not at all.
        """
        says = load_recipe(self.recipe).with_options(self.options)
        plain = {"kind": "tune", **asdict(self), "sources": list(self.sources)}
        return {**plain, "recipe_values": says.model_dump(mode="json")}


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


@dataclass(frozen=True, slots=True)
class TrialSpec:
    """One training that is wanted.

    Args:
        source: what the user called the candidate, or ``space#number``.
        digest: of the candidate.
        structure: of the candidate, with its own head.
        arch: what is built: a preset's name, which brings its normalisation, or the structure.
        seed: of weights, order and augmentation.
        config: recipe values that were drawn for it.
        number: of the proposal that it belongs to, in its source.
        proposal: what the sampler must know again when a run goes on.
    Example:
        >>> TrialSpec("a", "0123", "S(1)", "a", 1).key
        '0123-s1'
        >>> trial = TrialSpec("a", "0123", "S(1)", "a", 1, {"lr": 0.1})
        >>> trial.key, trial.label
        ('0123-s1-c924a5f4', 'a, seed 1, lr=0.1')
    """

    source: str
    digest: str
    structure: str
    arch: str
    seed: int
    config: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0
    proposal: Mapping[str, Any] | None = None

    @property
    def key(self) -> str:
        """Name of the trial everywhere: its folder, its line in the ledger."""
        key = f"{self.digest}-s{self.seed}"
        if not self.config:
            return key
        text = json.dumps(dict(self.config), sort_keys=True)
        return f"{key}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"

    @property
    def candidate(self) -> str:
        """What its seeds share: digest and recipe values."""
        return self.key.replace(f"-s{self.seed}", "", 1)

    @property
    def label(self) -> str:
        """What a person reads while it runs."""
        values = (
            f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}" for k, v in self.config.items()
        )
        return ", ".join([self.source, f"seed {self.seed}", *values])

    def plain(self) -> dict[str, Any]:
        """Return plain data; ``TrialSpec(**plain)`` is equal."""
        return asdict(self)
