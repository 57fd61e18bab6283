"""Train many candidates fully on one machine or a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nasfer.arch import Arch
from nasfer.runs.files import LEDGER_FILE

if TYPE_CHECKING:
    import pandas as pd

    from nasfer.searching.budget import Unit
    from nasfer.tuning.watching import TuneWatch


def tune(
    sources: Arch | str | Path | Sequence[Arch | str | Path],
    data: str | Path = "drawn",
    *,
    out: str | Path | None = None,
    recipe: str = "nasfer",
    options: Mapping[str, Any] | None = None,
    budget: str | int | None = None,
    budget_unit: Unit = "flops",
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
        **settings: fields of `nasfer.tuning.asking.settings.TuneSettings`: ``resolution``,
            ``seeds``, ``seed``, ``top``, ``trials``, ``sampler``, ``search``, ``scheduler``,
            ``grace``, ``on_bad_image``.
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
    from nasfer.api import run_record
    from nasfer.report import write_results
    from nasfer.report.tunings.trials import TuneRun
    from nasfer.runs.folder import read_run
    from nasfer.tuning.asking.asking import ask, short_name
    from nasfer.tuning.asking.settings import Resources
    from nasfer.tuning.run import run_tuning

    several = [sources] if isinstance(sources, Arch | str | Path) else sources
    asked = ask(
        several,
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
    folder = (
        Path(out or Path("results/runs") / f"tune-{short_name(several)}").expanduser().resolve()
    )
    record = run_record(command)
    try:
        tuned = run_tuning(asked, resources, folder, record, watch, retry_failed=retry_failed)
    except KeyboardInterrupt:
        if (folder / LEDGER_FILE).exists():
            write_results(folder)
        raise
    return write_results(TuneRun(folder, read_run(folder), tuned.records, tuned.latencies))
