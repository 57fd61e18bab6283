"""The public functions of nasfer: each takes what a user names and joins the rooms below."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nasfer.api.training import train
from nasfer.api.tuning import tune
from nasfer.arch import Arch
from nasfer.costs import Cost
from nasfer.costs import cost as _cost
from nasfer.presets import PRESETS, load_arch
from nasfer.proxies import PROXIES, Score
from nasfer.proxies import score as _score
from nasfer.runs.folder import RunFolder
from nasfer.searching import (
    Objective,
    SearchResult,
    SearchSettings,
    Watch,
    make_budget,
    run_search,
)
from nasfer.searching.budget import Unit
from nasfer.searching.references import published_members
from nasfer.space import list_spaces, load_space

if TYPE_CHECKING:
    import torch

    from nasfer.models import Network

__all__ = [
    "cost", "create_model", "list_presets", "list_proxies", "list_spaces", "load_arch",
    "load_checkpoint", "score", "search", "train", "tune",
]  # fmt: skip

SourceArch = Arch | str | Path
"""An architecture, or what names one: a preset, a structure string, a file."""


def cost(arch: SourceArch, resolution: int | tuple[int, int] = 224) -> Cost:
    """Return params, FLOPs, MACs, layers and peak activation bytes, exact, for one image.

    Args:
        arch: an architecture, a preset's name, a structure string or a file.
        resolution: side of a square image, or (height, width), in pixels.
    Example:
        >>> cost("zennet_m").params, cost("zennet_m").flops
        (1004103, 399877856)
    """
    return _cost(load_arch(arch), resolution)


def create_model(
    arch: SourceArch,
    *,
    num_classes: int | None = None,
    in_chans: int | None = None,
    checkpoint_path: str | Path | None = None,
    reset_head: bool = False,
    features_only: bool = False,
) -> torch.nn.Module:
    """Build a torch network.

    Args:
        arch: an architecture, a preset's name, a structure string or a file.
        num_classes: number of logits; ``None`` keeps the architecture's.
        in_chans: channels of the images; ``None`` keeps the architecture's.
        checkpoint_path: weights to load, nasfer's or published; ``None`` keeps torch's default
            initial ones.
        reset_head: keep the fresh head where the checkpoint has another number of classes.
        features_only: return a module that maps images to a list of feature maps, the last one of
            each size, instead of logits.
    Raises:
        CheckpointError: the weights are damaged or of another network.
    """
    from nasfer.models import FeatureMaps, load_checkpoint
    from nasfer.models import create_model as build  # torch is imported when a model is asked for

    model = build(load_arch(arch), num_classes=num_classes, in_chans=in_chans)
    if checkpoint_path is not None:
        load_checkpoint(model, checkpoint_path, reset_head=reset_head)
    return FeatureMaps(model) if features_only else model


def load_checkpoint(model: Network, path: str | Path, *, reset_head: bool = False) -> Network:
    """Load weights into a network: nasfer's own file, or the published code's.

    Args:
        model: of `create_model`; changed in place, unless an error is raised.
        path: ``.safetensors``, or a file of ``torch.save``; nothing in it is run.
        reset_head: keep the head's own weights where the file has another number of classes.
    Returns:
        The model itself.
    Raises:
        CheckpointError: the file is damaged, holds code, or belongs to another network.
    """
    from nasfer.models import load_checkpoint as load

    return load(model, path, reset_head=reset_head)


def score(
    arch: SourceArch,
    proxy: str = "zen",
    *,
    seed: int = 0,
    repeats: int = 1,
    resolution: int = 224,
    batch: int = 16,
) -> Score:
    """Score an architecture without training.

    Args:
        arch: an architecture, a preset's name, a structure string or a file.
        proxy: a name of `list_proxies`.
        seed: of the first draw; draw ``i`` uses ``seed + i``.
        repeats: draws of a random proxy.
        resolution: side of the square images, in pixels.
        batch: images a draw.
    Returns:
        The mean as a float, with ``std`` and ``draws``.
    Raises:
        SpecError: the images are too small for the network.
        ProxyError: the proxy cannot score this network.
    Example:
        >>> round(float(score("zennet_m", "zen_closed_form")), 1)
        78.2
    """
    network = load_arch(arch)
    _cost(network, resolution)  # refuses images that are too small, by name
    return _score(network, proxy, seed=seed, repeats=repeats, resolution=resolution, batch=batch)


def list_presets(pattern: str = "*") -> list[str]:
    """Return the presets whose names match a shell pattern.

    Example:
        >>> list_presets("zennet_m*")
        ['zennet_m', 'zennet_m_sa', 'zennet_m_sa_all']
    """
    return PRESETS.names(pattern)


def list_proxies(pattern: str = "*") -> list[str]:
    """Return the proxies whose names match a shell pattern.

    Example:
        >>> list_proxies("zen*")
        ['zen', 'zen_closed_form']
    """
    return PROXIES.names(pattern)


def search(
    space: str = "zennet_m",
    budget: str | int | None = None,
    *,
    budget_unit: Unit = "flops",
    limits: Mapping[str, str | int | float | None] | None = None,
    objective: Objective | None = None,
    out: str | Path | None = None,
    command: str | None = None,
    watch: Watch | None = None,
    **settings: Any,
) -> SearchResult:
    """Search a space for the best networks within a budget, without training.

    Args:
        space: a name of `list_spaces`, or the path of a YAML file. In one of several families, such
            as ``"fer"``, each keeps a population of its own, and the best of each are measured
            before all are ranked.
        budget: FLOPs (or MACs) of one image, such as ``"450M"``; ``None`` or ``"none"``: no limit.
        budget_unit: ``"flops"`` or ``"macs"``.
        limits: ``max_params``, ``max_layers``, ``max_flops``, ``max_macs``, ``max_rho``; they
            override the space's defaults, ``"none"`` lifts one.
        objective: what is maximised; by default the space's proxy, which is the closed-form
            Zen-score wherever its derivation reaches.
        out: run folder; ``None`` keeps the result in memory. A folder that was interrupted is gone
            on with, a finished one is read.
        command: kept in ``run.yaml``.
        watch: called with the progress.
        **settings: further fields of `SearchSettings`: ``iterations``, ``seed``, ``strategy``,
            ``population``, ``resolution``, ``batch``, ``top``, ``repeats``, ``proxy_resolution``,
            ``proxy_batch``; ``None`` is the space's default.
    Raises:
        BudgetError: the budget cannot be read, or no member meets it.
        SpaceError: the space's file is wrong.
        RunFolderError: ``out`` holds other settings or cannot be written.
    Example:
        >>> result = search("zennet_r", "446M", iterations=300, seed=1, top=0)
        >>> result.best.cost.flops <= 446_000_000
        True
    """
    found = load_space(space)
    defaults = found.scoring.model_dump()
    objective = objective or Objective(defaults["proxy"])
    if objective.proxy != defaults.pop("proxy"):  # the space's own ways suit its own proxy
        defaults = {}
    asked = {name: value for name, value in settings.items() if value is not None}
    chosen = SearchSettings(
        space=space,
        space_digest=found.digest(),
        budget=make_budget(budget, budget_unit, found.limits, limits or {}),
        objective=objective,
        **{**defaults, **asked},
    )
    if out is None:
        return run_search(found, chosen, None, watch)
    folder = RunFolder(Path(out), chosen.plain(), run_record(command), kind="search")
    result = run_search(found, chosen, folder, watch)
    if not folder.finished:
        from nasfer.report import write_run_files  # pandas and matplotlib: only for files

        title = f"{space}: {chosen.budget}"
        with_value = chosen.objective != Objective()
        references = published_members(found, chosen)
        write_run_files(folder.path, result, title, references, with_value=with_value)
        folder.finish()
    return result


def run_record(command: str | None) -> dict[str, Any]:
    """Return what a run folder keeps beside its settings: command, versions, machine, threads."""
    versions = {name: metadata.version(name) for name in ("nasfer", "torch", "numpy", "pandas")}
    return {
        "command": command or " ".join(sys.argv),
        "versions": {"python": platform.python_version(), **versions},
        "machine": platform.machine(),
        "threads": int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)),
    }
