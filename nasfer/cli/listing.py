"""``nasfer presets``, ``spaces`` and ``proxies``: what there is."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from nasfer.cli.output import echo_json, show_table
from nasfer.errors import SpecError

if TYPE_CHECKING:
    from nasfer.presets import Preset

AsJson = Annotated[bool, Option("--json", help="Print JSON.")]


def presets(
    pattern: Annotated[str, Argument(help="Shell pattern of names, such as 'zennet_m*'.")] = "*",
    check: Annotated[
        bool, Option("--check", help="Prove them: counts and logits against the published code's.")
    ] = False,
    out: Annotated[
        Path | None, Option(help="With --check: folder for presets.csv and presets.md.")
    ] = None,
    json: AsJson = False,
) -> int:
    """List the papers' networks: what was counted here beside what was printed there.

    With --check, every figure is recomputed and the published code's logits are compared; exit 1
    and one line a fault if anything is off.

    Example: nasfer presets --check
    """
    if check:
        return _check(pattern, out, as_json=json)
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
    echo_json(rows) if json else show_table("Presets", rows)
    return 0


def _matching(pattern: str) -> list[Preset]:
    """Return the presets of that pattern; where there are none the error names the nearest."""
    from nasfer.presets import PRESETS

    return [PRESETS.get(name) for name in PRESETS.names(pattern) or [pattern]]


def _check(pattern: str, out: Path | None, *, as_json: bool) -> int:
    try:
        from nasfer.verifying.presets import check_preset
    except SpecError as error:  # a preset's structure that cannot be read stops the import
        from nasfer.verifying.written import broken_line

        place = broken_line(error, Path(__file__).parents[1] / "presets")
        print(f"nasfer: {place}: {error}", file=sys.stderr)
        return 1
    verdicts = []
    for preset in _matching(pattern):
        print(f"checking {preset.name}", file=sys.stderr)
        verdicts.append(check_preset(preset.name))
    rows = [asdict(verdict) for verdict in verdicts]
    if out is not None:
        _write(rows, out)
    if as_json:
        echo_json(rows)
    else:
        for row in rows:
            row["verdict"] = "right" if not row.pop("faults") else "WRONG"
            for gap in ("params_gap", "flops_gap"):
                row[gap] = None if row[gap] is None else f"{row[gap]:+.2%}"
            row["logits_gap"] = None if row["logits_gap"] is None else f"{row['logits_gap']:.1e}"
        show_table("Presets, recomputed here (gaps: to the printed figures)", rows)
    faults = [fault for verdict in verdicts for fault in verdict.faults]
    for fault in faults:
        print(f"nasfer: {fault}", file=sys.stderr)
    return 1 if faults else 0


def _write(rows: list[dict[str, Any]], folder: Path) -> None:
    """Write the verdicts as presets.csv (exact) and presets.md (for reading)."""
    import pandas as pd

    from nasfer.report import write_table

    folder.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame(rows)
    table["faults"] = ["; ".join(faults) for faults in table["faults"]]
    write_table(table, folder / "presets.csv")
    for name, pattern in (
        ("params_gap", "{:+.2%}"),
        ("flops_gap", "{:+.2%}"),
        ("logits_gap", "{:.0e}"),
    ):
        table[name] = ["" if pd.isna(gap) else pattern.format(gap) for gap in table[name]]
    write_table(table, folder / "presets.md")


def spaces(json: AsJson = False) -> None:
    """List the search spaces that come with nasfer, with their default limits and size.

    Example: nasfer spaces
    """
    from nasfer.space import list_spaces, load_space

    rows = []
    for name in list_spaces():
        space = load_space(name)
        limits = {key: value for key, value in space.limits.model_dump().items() if value}
        rows.append(
            {
                "name": name, "members": f"{float(space.size()):.1e}", "limits":
                ", ".join(f"{key} {value}" for key, value in limits.items()),
                "description": space.description,
            }
        )  # fmt: skip
    echo_json(rows) if json else show_table("Spaces", rows)


def proxies(json: AsJson = False) -> None:
    """List the training-free scores.

    Example: nasfer proxies
    """
    from nasfer.proxies import PROXIES

    rows = [
        {
            "name": proxy.name, "better": "higher" if proxy.higher_is_better else "lower",
            "random": "yes" if proxy.random else "no", "unit": proxy.unit,
            "summary": proxy.summary, "source": proxy.source,
        }
        for proxy in PROXIES
    ]  # fmt: skip
    echo_json(rows) if json else show_table("Proxies", rows)
