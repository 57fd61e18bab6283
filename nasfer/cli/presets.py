"""``nasfer presets``: the papers' networks, and whether they are the papers'."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from nasfer.cli.options import AsJson, Overwrite
from nasfer.cli.output import complain, echo_json, note, show_table
from nasfer.errors import SpecError
from nasfer.runs.outputs import outputs

if TYPE_CHECKING:
    from nasfer.presets import Preset
    from nasfer.verifying.presets import Verdict


def presets(
    pattern: Annotated[str, Argument(help="Shell pattern of names, such as 'zennet_m*'.")] = "*",
    check: Annotated[
        bool, Option("--check", help="Prove them: counts and logits against the published code's.")
    ] = False,
    out: Annotated[
        Path | None, Option(help="With --check: folder for presets.csv and presets.md.")
    ] = None,
    overwrite: Overwrite = False,
    json: AsJson = False,
) -> int:
    """List the papers' networks: what was counted here beside what was printed there.

    With --check, every figure is recomputed and the published code's logits are compared; exit 1
    and one line a fault if anything is off.

    Example: nasfer presets --check
    """
    if check:
        return _check(pattern, out, overwrite=overwrite, as_json=json)
    rows = [
        {
            "name": preset.name,
            "params": preset.params,
            "flops": preset.flops,
            "resolution": preset.resolution,
            "classes": preset.arch.classes,
            "printed_params": preset.published.params,
            "printed_flops": preset.published.flops,
            "source": preset.source,
        }
        for preset in _matching(pattern)
    ]
    if json:
        echo_json(rows)
    else:
        show_table("Presets", rows, prose=("source",), first_out=("source",))
    return 0


def _matching(pattern: str) -> list[Preset]:
    """Return the presets of that pattern; where there are none the error names the nearest."""
    from nasfer.presets import PRESETS

    return [PRESETS.get(name) for name in PRESETS.names(pattern) or [pattern]]


def _check(pattern: str, out: Path | None, *, overwrite: bool, as_json: bool) -> int:
    """Check them and show the verdicts; return the exit code."""
    from nasfer.verifying import check_presets, write_verdicts
    from nasfer.verifying.files import NAMES

    written = [] if out is None else [out / name for name in NAMES]
    with outputs(written, overwrite=overwrite):
        try:
            verdicts = check_presets(pattern, watch=lambda name: note(f"checking {name}"))
        except SpecError as error:  # a preset's file that cannot be read: it is wrong
            complain(error)
            return 1
        if out is not None:
            write_verdicts(verdicts, out)
    if as_json:
        echo_json([asdict(verdict) for verdict in verdicts])
    else:
        title = "Presets, recomputed here (gaps: to the printed figures)"
        show_table(title, [_shown(verdict) for verdict in verdicts])
    faults = [fault for verdict in verdicts for fault in verdict.faults]
    for fault in faults:
        complain(fault)
    return 1 if faults else 0


def _shown(verdict: Verdict) -> dict[str, Any]:
    """Return the columns that people read."""
    row = asdict(verdict)
    row["verdict"] = "right" if not row.pop("faults") else "WRONG"
    for gap in ("params_gap", "flops_gap"):
        row[gap] = None if row[gap] is None else f"{row[gap]:+.2%}"
    row["logits_gap"] = None if row["logits_gap"] is None else f"{row['logits_gap']:.1e}"
    return row
