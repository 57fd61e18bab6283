"""``--quiet``: no progress and no notes; the result, warnings and errors stay."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from typing import Annotated, Any

from typer import Option

LONG = (
    "search", "train", "tune", "evaluate", "predict", "pareto", "report", "export", "correlate",
)  # fmt: skip
"""Commands that have progress or notes."""

_QUIET: ContextVar[bool] = ContextVar("quiet", default=False)
"""Of the command that runs; `nasfer.cli.app.run` gives each a context of its own."""


def is_quiet() -> bool:
    """Whether the command that runs was asked for its result alone."""
    return _QUIET.get()


def _set(wanted: bool) -> None:
    if wanted:
        _QUIET.set(True)


Quiet = Annotated[
    bool,
    Option(
        "--quiet",
        callback=_set,
        is_eager=True,
        help="No progress, no notes: the result, warnings and errors alone.",
    ),
]
"""Before a command, or behind one of the `LONG`."""


def with_quiet(command: Callable[..., Any]) -> Callable[..., Any]:
    """Return a command that takes ``--quiet``, whatever else it takes.

    Example:
        >>> "quiet" in inspect.signature(with_quiet(lambda seed=0: seed)).parameters
        True
    """

    @functools.wraps(command)
    def call(*, quiet: bool = False, **arguments: Any) -> Any:
        return command(**arguments)

    signature = inspect.signature(command, eval_str=True)
    own = inspect.Parameter(
        "quiet", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Quiet
    )
    call.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), own]
    )
    return call
