"""``nasfer proxies``: the training-free scores."""

from __future__ import annotations

from nasfer.cli.options import AsJson
from nasfer.cli.output import echo_json, show_table


def proxies(json: AsJson = False) -> None:
    """List the training-free scores.

    Under "needs": the structure alone, drawn images, gradients on them, or faces, named by --data.

    Example: nasfer proxies
    """
    from nasfer.proxies import PROXIES

    rows = [
        {
            "name": proxy.name, "better": "higher" if proxy.higher_is_better else "lower",
            "random": "yes" if proxy.random else "no", "needs": proxy.needs, "unit": proxy.unit,
            "summary": proxy.summary, "source": proxy.source,
        }
        for proxy in PROXIES
    ]  # fmt: skip
    if json:
        echo_json(rows)
    else:
        prose = ("summary", "source")
        show_table("Proxies", rows, prose=prose, first_out=("random", "unit"))
