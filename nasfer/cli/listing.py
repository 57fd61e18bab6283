"""``nasfer presets``, ``spaces`` and ``proxies``: what there is."""

from __future__ import annotations

from typing import Annotated

from typer import Option

from nasfer.cli.shown import echo_json, show_table

AsJson = Annotated[bool, Option("--json", help="Print JSON.")]


def presets(json: AsJson = False) -> None:
    """List the papers' networks: what was counted here beside what was printed there.

    Example: nasfer presets
    """
    from nasfer.presets import PRESETS

    rows = [
        {
            "name": preset.name, "params": preset.params, "flops": preset.flops,
            "resolution": preset.resolution, "classes": preset.arch.classes,
            "printed_params": preset.published.params, "printed_flops": preset.published.flops,
            "source": preset.source,
        }
        for preset in PRESETS
    ]  # fmt: skip
    echo_json(rows) if json else show_table("Presets", rows)


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
                "description": space.file.description,
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
