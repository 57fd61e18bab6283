"""``nasfer --version``, and what stands before a command."""

from __future__ import annotations

from importlib import metadata
from typing import Annotated

from typer import Exit, Option

from nasfer.cli.output import echo
from nasfer.cli.quiet import Quiet


def _show(wanted: bool) -> None:
    if wanted:
        echo(f"nasfer {metadata.version('nasfer')}")
        raise Exit


def options(
    version: Annotated[
        bool, Option("--version", callback=_show, is_eager=True, help="Print nasfer's version.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Find the network that reads facial expressions within your budget, without training."""
