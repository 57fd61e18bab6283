"""Train many candidates fully on one machine or a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from nasfer.tuning.watching import TuneWatch


def tune(
    sources: str | Sequence[str],
    data: str = "drawn",
    *,
    out: str | Path,
    recipe: str = "nasfer",
    options: Mapping[str, str] | None = None,
    budget: str | int | None = None,
    budget_unit: str = "flops",
    max_params: str | int | None = None,
    cpus_per_trial: float = 1.0,
    gpus_per_trial: float = 0.0,
    max_concurrent: int | None = None,
    ray_address: str | None = None,
    max_failures: int = 2,
    retry_failed: bool = False,
    command: str | None = None,
    watch: TuneWatch | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """Train candidates fully with Ray Tune; the same call on the same folder goes on.

    Args:
        sources: run folders of searches, presets, structures, files or spaces.
        data: ``NAME[:PATH][,option=value...]``, see `nasfer.data.load_data`.
        out: run folder; with several machines on storage that all of them share.
        recipe: name or YAML file.
        options: fields of the recipe to change, as text.
        budget: FLOPs (or MACs) of a space's candidates, such as ``"450M"``.
        budget_unit: ``"flops"`` or ``"macs"``.
        max_params: of a space's candidates.
        cpus_per_trial: torch has as many threads, at least one.
        gpus_per_trial: 0 trains on CPUs; fractions share a GPU.
        max_concurrent: trials at once; ``None``: as many as fit.
        ray_address: ``HOST:PORT`` or ``auto``; ``None``: ``RAY_ADDRESS``, else this machine.
        max_failures: times that a trial whose process was lost goes on from its last epoch.
        retry_failed: try those again that failed for good.
        command: kept in ``run.yaml``.
        watch: called with the progress.
        **settings: fields of `nasfer.tuning.settings.TuneSettings`: ``resolution``, ``seeds``,
            ``seed``, ``top``, ``trials``, ``sampler``, ``search``, ``scheduler``, ``grace``,
            ``on_bad_image``.
    Returns:
        The trained candidates, best accuracy first, as `nasfer.report.ended_table` describes
        them; also in ``results.csv`` of the run folder, beside ``failures.csv`` and
        ``report.html``.
    Raises:
        ResourceError: Ray does not answer, or can never give what a trial asks for.
        BudgetError: no candidate of a space meets the budget.
        RunFolderError: ``out`` holds other settings, is damaged, or cannot be written.
        KeyboardInterrupt: SIGINT or SIGTERM came; all is saved.
    """
    from nasfer.report import write_results
    from nasfer.runs.environment import run_record
    from nasfer.runs.folder import LEDGER_FILE
    from nasfer.tuning.run import run_tuning
    from nasfer.tuning.settings import Resources
    from nasfer.tuning.wanted import tune_settings

    chosen = tune_settings(
        [sources] if isinstance(sources, str) else sources,
        data,
        recipe=recipe,
        options=options or {},
        budget=budget,
        budget_unit=budget_unit,
        max_params=max_params,
        cpus=cpus_per_trial,
        **settings,
    )
    resources = Resources(cpus_per_trial, gpus_per_trial, max_concurrent, ray_address, max_failures)
    folder = Path(out).expanduser().resolve()
    record = run_record(command)
    try:
        run_tuning(chosen, resources, folder, record, watch, retry_failed=retry_failed)
    except KeyboardInterrupt:
        if (folder / LEDGER_FILE).exists():
            write_results(folder)
        raise
    return write_results(folder)
