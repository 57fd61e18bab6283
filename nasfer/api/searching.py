"""Search a space for the best networks within a budget, without training."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nasfer.api.networks import faces_named, measuring_device
from nasfer.arch import is_structure
from nasfer.errors import NasferWarning, SpaceError, SpecError
from nasfer.runs.environment import run_record
from nasfer.runs.extending import told
from nasfer.runs.files import LEDGER_FILE, STATE_FILE
from nasfer.runs.folder import run_folder
from nasfer.searching import (
    Objective,
    SearchResult,
    SearchSettings,
    Watch,
    make_budget,
    run_search,
)
from nasfer.searching.budget import Budget, Unit
from nasfer.searching.objective import CLOSED_FORM
from nasfer.searching.references import published_members
from nasfer.space import Space, load_space

Limit = str | int | float | None
"""An upper limit: a number, text such as ``"500k"``, ``"none"``; ``None`` keeps the space's."""


def search(
    space: str | Path = "zennet_m",
    budget: str | int | None = None,
    *,
    budget_unit: Unit = "flops",
    max_params: Limit = None,
    max_layers: Limit = None,
    max_flops: Limit = None,
    max_macs: Limit = None,
    max_rho: Limit = None,
    min_map: Limit = None,
    max_map: Limit = None,
    limits: Mapping[str, Limit] | None = None,
    objective: Objective | None = None,
    proxy: str | None = None,
    proxy_weight: float = 1.0,
    deepmad_weight: float = 0.0,
    depth_penalty: float = 0.0,
    proxy_resolution: int | None = None,
    proxy_batch: int | None = None,
    data: str | Path | None = None,
    device: str | None = None,
    strategy: str = "evolution",
    iterations: int | None = None,
    population: int | None = None,
    seed: int = 0,
    resolution: int = 224,
    batch: int = 16,
    top: int = 10,
    repeats: int = 3,
    out: str | Path | None = None,
    command: str | None = None,
    watch: Watch | None = None,
    note: Callable[[str], None] | None = None,
) -> SearchResult:
    """Search a space for the best networks within a budget, without training.

    Args:
        space: a name of `list_spaces`, or the path of a YAML file. In one of several families, such
            as ``"fer"``, each keeps a population of its own, and the best of each are measured
            before all are ranked.
        budget: FLOPs (or MACs) of one image, such as ``"450M"``; ``None`` or ``"none"``: no limit.
        budget_unit: ``"flops"`` or ``"macs"``.
        max_params: trainable parameters, such as ``"500k"``; like all limits it overrides the
            space's default, and ``"none"`` lifts it.
        max_layers: ZenNAS's count.
        max_flops: as fvcore counts.
        max_macs: multiply-adds of convolutions and linear layers.
        max_rho: DeepMAD's effectiveness.
        min_map, max_map: side of the map that the head reads, in cells.
        limits: the same by name, for programs; a limit of its own keyword wins.
        objective: what is maximised, as a value; the four arguments below are the same in words.
        proxy: what is maximised, a name of `list_proxies`, or ``predictor:FILE`` of `nasfer.learn`
            at the size of images that it was learnt on; ``None``: the space's, which is the
            closed-form Zen-score wherever its derivation reaches.
        proxy_weight: of the proxy.
        deepmad_weight: of the logarithm of DeepMAD's entropy.
        depth_penalty: of uneven depth, see `nasfer.searching.Objective`.
        proxy_resolution: side of the images on which proposals are scored, in pixels; ``None``:
            the space's default.
        proxy_batch: images a draw of a proposal's score; ``None``: likewise.
        data: faces, ``NAME[:PATH][,option=value...]``, for a proxy that reads them.
        device: where networks are measured; ``None``: a GPU if there is one.
        strategy: ``evolution``, ``random`` or one of a plug-in.
        iterations: proposals; ``None``: the space's default.
        population: members kept; ``None``: likewise.
        seed: of all proposals.
        resolution: side of the images, in pixels.
        batch: images a draw of measured scores.
        top: best candidates that are measured; 0 leaves the ranking to the proposals' score.
        repeats: draws a candidate.
        out: run folder; ``None`` keeps the result in memory. A folder that was interrupted is gone
            on with, a finished one is read; more ``iterations`` (or ``top``) extend it, to the
            result that a search of so many has.
        command: kept in ``run.yaml``.
        watch: called with the progress.
        note: called with each line that the user should see once, before the search starts.
    Raises:
        BudgetError: the budget cannot be read, or no member meets it.
        SpaceError: the space's file is wrong.
        SpecError: a number is too small, or the objective is said twice.
        ProxyError: the proxy reads faces and there are none.
        UnknownNameError: no such space, proxy or strategy.
        RunFolderError: ``out`` holds other settings or a longer search, or cannot be written.
    Example:
        >>> result = search("zennet_r", "446M", max_params="300k", iterations=300, seed=1, top=0)
        >>> result.best.cost.flops <= 446_000_000, result.best.cost.params <= 300_000
        (True, True)
    """
    given = dict(locals())  # each option by its name: the fields of the two values below
    if isinstance(space, str) and is_structure(space):
        raise SpaceError("`space`: a structure is one network; a space's name or file is needed")
    found = load_space(str(space))
    own = found.scoring.proxy
    if objective is not None and proxy is not None:
        raise SpecError(f"`proxy`: {proxy!r}; `objective` says it already")
    objective = objective or Objective(proxy or own, proxy_weight, deepmad_weight, depth_penalty)
    asked = {**(limits or {}), **_of(Budget, given)}
    values: dict[str, Any] = {
        **_scoring(found, objective),
        **_of(SearchSettings, given),
        "space": str(space),
        "space_digest": found.digest(),
        "budget": make_budget(budget, budget_unit, found.limits, asked),
        "objective": objective,
        "data": faces_named(data),
        "device": measuring_device("zen" if top else objective.proxy, device),
    }
    settings = SearchSettings(**values)
    if objective.proxy == own != CLOSED_FORM and note is not None:
        scoring = settings.proposal_settings()
        note(
            f"proposals are scored by {own} at {scoring.resolution} px, {scoring.batch} images: the"
            f" closed form does not reach space {str(space)!r}"
        )
    if out is None:
        return run_search(found, settings, None, watch)
    return _search_in_folder(found, settings, Path(out), command, watch, note)


def _of(kind: type[Budget] | type[SearchSettings], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given for the fields of a value, by their names."""
    return {name: given[name] for name in kind.__dataclass_fields__ if given.get(name) is not None}


def _scoring(space: Space, objective: Objective) -> dict[str, Any]:
    """Return the space's own ways to score proposals, which hold for its own proxy alone."""
    own = space.scoring.model_dump()
    return own if objective.proxy == own.pop("proxy") else {}


def _search_in_folder(
    space: Space,
    settings: SearchSettings,
    path: Path,
    command: str | None,
    watch: Watch | None,
    note: Callable[[str], None] | None,
) -> SearchResult:
    with run_folder(path, settings.plain(), run_record(command), kind="search") as folder:
        if folder.steps and note is not None:
            note(told(path, folder.steps))
        known = folder.finished
        damaged = folder.changed() if known else folder.changed((STATE_FILE, LEDGER_FILE))
        for line in damaged:
            warnings.warn(f"{line}; made anew", NasferWarning, stacklevel=3)
        if known and damaged:
            folder.reopen()
        result = run_search(space, settings, folder, watch)
        if known and not damaged:
            return result
        from nasfer.report import write_run_files  # pandas and matplotlib: only for files

        title = f"{settings.space}: {settings.budget}"
        with_value = settings.objective != Objective()
        references = published_members(space, settings)
        written = write_run_files(folder.path, result, title, references, with_value=with_value)
        folder.finish([STATE_FILE, LEDGER_FILE, *written])
    return result
