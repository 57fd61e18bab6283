"""Train many candidates fully on one machine or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nasfer.api.training import joined
from nasfer.arch import Arch
from nasfer.errors import UnknownNameError
from nasfer.runs.environment import run_record
from nasfer.runs.extending import identifying
from nasfer.runs.files import LEDGER_FILE
from nasfer.runs.naming import absolute_path, default_folder

if TYPE_CHECKING:
    import pandas as pd

    from nasfer.searching.budget import Unit
    from nasfer.tuning.asking.asking import Asked
    from nasfer.tuning.asking.settings import Resources
    from nasfer.tuning.watching import TuneWatch


def tune(
    sources: Arch | str | Path | Sequence[Arch | str | Path],
    data: str | Path = "drawn",
    *,
    out: str | Path | None = None,
    recipe: str | Path = "nasfer",
    options: Mapping[str, Any] | None = None,
    resolution: int | None = None,
    on_bad_image: str = "stop",
    seeds: int = 1,
    seed: int = 0,
    top: int = 8,
    trials: int = 8,
    sampler: str = "tpe",
    search: Mapping[str, str] | None = None,
    scheduler: str = "none",
    grace: int = 1,
    budget: str | int | None = None,
    budget_unit: Unit = "flops",
    max_params: str | int | None = None,
    cpus_per_trial: float = 1.0,
    gpus_per_trial: float = 0.0,
    max_concurrent: int | None = None,
    ray_address: str | None = None,
    max_failures: int = 2,
    retry_failed: bool = False,
    latency: Literal["onnxruntime", "torch"] = "onnxruntime",
    command: str | None = None,
    watch: TuneWatch | None = None,
    note: Callable[[str], None] | None = None,
    **fields: Any,
) -> pd.DataFrame:
    """Train candidates fully with Ray Tune; the same call on the same folder goes on.

    With further ``sources``, or more ``seeds``, ``trials``, ``top`` or ``epochs``, it extends the
    run that is there: what is trained is not trained again. With more epochs all trials go on, as
    those of `nasfer.train` do, so that all have as many; those that the scheduler stopped stay so.
    A population (``pbt``) cannot be extended.

    Args:
        sources: one or several: run folders of searches, presets, architectures, structures, files
            or spaces.
        data: ``NAME[:PATH][,option=value...]``, see `nasfer.data.load_data`; a `Path` is a folder
            with a folder a class.
        out: run folder, with several machines on storage that all of them share; ``None``:
            ``results/runs/tune-SOURCE-DIGEST`` of the first source, another one for other settings.
        recipe: name or YAML file; ``paper`` is the own one of presets.
        options: fields of the recipe to change, values or texts.
        resolution: side of the images, in pixels; ``None``: the recipe's or the data's.
        on_bad_image: ``stop`` or ``skip``.
        seeds: trainings a candidate.
        seed: the first; also of everything that is sampled.
        top: candidates of a search's run folder.
        trials: proposals: of a space candidates, of a given candidate draws of ``search``.
        sampler: who proposes: ``tpe``, ``nsga2``, ``evolution`` or ``random``.
        search: ranges of recipe values by name, such as ``{"lr": "loguniform(1e-4,1e-2)"}``.
        scheduler: who stops trials early: ``none``, ``asha``, ``hyperband``, ``median``, ``pbt``.
        grace: epochs before which no trial is stopped.
        budget: FLOPs (or MACs) of a space's candidates, such as ``"450M"``; ``"none"`` lifts the
            space's own limit.
        budget_unit: ``"flops"`` or ``"macs"``.
        max_params: of a space's candidates; likewise.
        cpus_per_trial: torch has as many threads, at least one.
        gpus_per_trial: 0 trains on CPUs; fractions share a GPU.
        max_concurrent: trials at once; ``None``: as many as fit.
        ray_address: ``HOST:PORT`` or ``auto``; ``None``: ``RAY_ADDRESS``, else this machine.
        max_failures: times that a trial whose process was lost goes on from its last epoch.
        retry_failed: try those again that failed for good.
        latency: what times the networks in the end: ``onnxruntime`` the exported files, ``torch``
            eager torch as well, in a column of its own.
        command: kept in ``run.yaml``.
        watch: called with the progress.
        note: called with the line that says how a run is extended, before it is.
        **fields: of the recipe, like ``options``: ``epochs=3, lr=1e-3``.
    Returns:
        The trained candidates, best validation first, as `nasfer.report.ended_table` describes
        them; also in ``results.csv`` of the run folder, beside ``failures.csv`` and
        ``report.html``. ``attrs["folder"]`` of the frame is the run folder.
    Raises:
        ResourceError: Ray does not answer, or can never give what a trial asks for.
        BudgetError: no candidate of a space meets the budget.
        RunFolderError: ``out`` holds other settings or a longer run, is damaged, or cannot be
            written.
        MissingPackageError: the packages of ``nasfer[tune]`` are not installed.
        KeyboardInterrupt: SIGINT or SIGTERM came; all is saved.
    """
    if latency not in ("onnxruntime", "torch"):
        raise UnknownNameError(
            f"`latency`: unknown {latency!r}; allowed: onnxruntime, torch (both)"
        )
    from nasfer.tuning.asking.asking import ask, name_of
    from nasfer.tuning.asking.settings import Resources

    several = [sources] if isinstance(sources, Arch | str | Path) else list(sources)
    asked = ask(
        several, data, recipe=recipe, options=joined(options or {}, fields), budget=budget,
        budget_unit=budget_unit, max_params=max_params, cpus=cpus_per_trial,
        resolution=resolution, on_bad_image=on_bad_image, seeds=seeds, seed=seed, top=top,
        trials=trials, sampler=sampler, search=dict(search or {}), scheduler=scheduler,
        grace=grace,
    )  # fmt: skip
    resources = Resources(cpus_per_trial, gpus_per_trial, max_concurrent, ray_address, max_failures)
    own = default_folder("tune", name_of(several), identifying("tune", asked.plain()))
    return _tune(
        asked, resources, own if out is None else Path(out), run_record(command), watch,
        note=note, retry_failed=retry_failed, torch_latency=latency == "torch",
    )  # fmt: skip


def _tune(
    asked: Asked,
    resources: Resources,
    path: Path,
    record: dict[str, Any],
    watch: TuneWatch | None,
    *,
    note: Callable[[str], None] | None,
    retry_failed: bool,
    torch_latency: bool,
) -> pd.DataFrame:
    from nasfer.report import write_results
    from nasfer.runs.folder import read_run
    from nasfer.runs.tunings import TuneRun
    from nasfer.tuning.run import run_tuning

    folder = Path(absolute_path(path))
    try:
        tuned = run_tuning(
            asked, resources, folder, record, watch, note=note, retry_failed=retry_failed,
            torch_latency=torch_latency,
        )  # fmt: skip
    except KeyboardInterrupt:
        if (folder / LEDGER_FILE).exists():
            write_results(folder)
        raise
    table = write_results(TuneRun(folder, read_run(folder), tuned.records, tuned.latencies))
    table.attrs["folder"] = str(folder)
    return table
