"""``nasfer spaces``: what can be searched."""

from __future__ import annotations

from nasfer.cli.options import AsJson
from nasfer.cli.output import echo_json, show_table


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
