"""The command ``nasfer``: commands, exit codes, one-line errors."""

from __future__ import annotations

import os
import re
import sys
import traceback
import warnings
from collections.abc import Sequence
from contextvars import copy_context

import typer
from typer.exceptions import Abort, TyperException

from nasfer.cleaning import clean
from nasfer.cli import (
    correlate,
    data,
    evaluate,
    export,
    learn,
    models,
    pareto,
    pool,
    predict,
    presets,
    profile,
    proxies,
    quiet,
    recipes,
    report,
    score,
    search,
    spaces,
    train,
    tune,
    version,
)
from nasfer.cli.flags import in_flags
from nasfer.cli.numbers import checked
from nasfer.cli.once import Commands
from nasfer.cli.output import complain
from nasfer.cli.streams import drop, prepare_streams
from nasfer.errors import NasferError
from nasfer.runs.environment import waiting

app = typer.Typer(
    name="nasfer",
    cls=Commands,
    help="Find the network that reads facial expressions within your budget, without training.",
    epilog="Example: nasfer search --space zennet_m --budget 450M",
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.callback()(version.options)
app.command("search")(search.search)
app.command("score")(score.score)
app.command("profile")(profile.profile)
app.command("presets")(presets.presets)
app.command("spaces")(spaces.spaces)
app.command("proxies")(proxies.proxies)
app.command("evaluate")(evaluate.evaluate)
app.command("predict")(predict.predict)
app.command("export")(export.export)
app.command("pareto")(pareto.pareto)
app.command("recipes")(recipes.recipes)
app.command("report")(report.report)
app.command("learn")(learn.learn)
app.command("correlate")(correlate.correlate)
app.command("create")(models.create)
app.command("train")(train.train)
app.command("tune")(tune.tune)
app.command("import-checkpoint")(models.import_checkpoint)
app.add_typer(data.app, name="data")
app.add_typer(pool.app, name="pool")

for _command in (
    *app.registered_commands,
    *data.app.registered_commands,
    *pool.app.registered_commands,
):
    if _command.callback is not None:
        _long = _command.name in quiet.LONG
        _command.callback = checked(
            quiet.with_quiet(_command.callback) if _long else _command.callback
        )

WRONG_INPUT = 2
INTERRUPTED = 130

DEBUG = "NASFER_DEBUG"
"""The environment variable that, set to 1, shows the traceback of every error."""

NO_MEMORY = re.compile(r"out of memory|can't allocate|not enough memory|allocate memory", re.I)
"""What messages say, of whatever library, where there was too little."""


def main() -> None:
    """Run the command line: exit 0 done, 1 a check failed, 2 wrong input, 130 interrupted."""
    with _LastNet() as net:
        prepare_streams()
        net.code = run(sys.argv[1:])
        sys.stdout.flush()
    sys.exit(net.code)


class _LastNet:
    """Whatever escapes a command becomes one line and an exit code, never a traceback."""

    def __init__(self) -> None:
        self.code = WRONG_INPUT

    def __enter__(self) -> _LastNet:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        match error:
            case None:
                return False
            case KeyboardInterrupt():
                complain("interrupted; the same command goes on")
                self.code = INTERRUPTED
            case BrokenPipeError():  # the reader, `head` say, has seen enough
                drop(sys.stdout)
                drop(sys.stderr)
                self.code = 0
            case Exception():  # a fault of ours, or the machine's
                self.code = WRONG_INPUT
                _say(error)
            case _:  # SystemExit and the like know their way
                return False
        return True


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; an error that nasfer did not foresee escapes.

    Args:
        arguments: of the command line, without the program; none show the help.
    """
    warnings.formatwarning = _one_line
    os.environ.update(waiting(os.environ))  # torch is not imported yet
    try:
        words = list(arguments) or ["--help"]
        code = copy_context().run(app, words, standalone_mode=False)  # --quiet is of one command
    except Abort:
        raise KeyboardInterrupt from None
    except (NasferError, TyperException) as error:
        _trace(error)
        complain(error.format_message() if isinstance(error, TyperException) else error)
        return WRONG_INPUT
    if code == INTERRUPTED:  # typer's own way to say so
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _say(error: Exception) -> None:
    """Say in one line what nobody foresaw."""
    _trace(error)
    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    reason = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, OSError) and error.filename is None:
        complain(f"standard output cannot be written: {error.strerror or error}")
        drop(sys.stdout)
    elif isinstance(error, MemoryError) or NO_MEMORY.search(reason):
        complain(
            f"{command}: not enough memory: {reason}; smaller images, batches or networks need less"
        )
    else:
        complain(
            f"{command}: {type(error).__name__}: {reason} (not foreseen; {DEBUG}=1 shows more)"
        )


def _trace(error: BaseException) -> None:
    if os.environ.get(DEBUG) == "1":
        traceback.print_exception(error)


def _one_line(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    line: str | None = None,
) -> str:
    return f"nasfer: warning: {clean(in_flags(str(message)))}\n"


if __name__ == "__main__":
    main()
