"""The command ``nasfer``: commands, exit codes, one-line errors."""

from __future__ import annotations

import os
import sys
import warnings

import typer
from typer.exceptions import Abort, TyperException

from nasfer.cli import (
    correlate,
    data,
    evaluate,
    export,
    models,
    pareto,
    predict,
    presets,
    profile,
    proxies,
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
from nasfer.cli.once import Commands
from nasfer.cli.output import complain
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
app.command("correlate")(correlate.correlate)
app.command("create")(models.create)
app.command("train")(train.train)
app.command("tune")(tune.tune)
app.command("import-checkpoint")(models.import_checkpoint)
app.add_typer(data.app, name="data")

WRONG_INPUT = 2
INTERRUPTED = 130


def main() -> None:
    """Run the command line: exit 0 done, 1 a check failed, 2 wrong input, 130 interrupted."""
    warnings.formatwarning = _one_line
    os.environ.update(waiting(os.environ))  # torch is not imported yet
    arguments = sys.argv[1:] or ["--help"]
    try:
        code = app(arguments, standalone_mode=False)
        if code == INTERRUPTED:  # typer's own way to say so
            raise KeyboardInterrupt
    except (NasferError, TyperException) as error:
        complain(error.format_message() if isinstance(error, TyperException) else error)
        sys.exit(WRONG_INPUT)
    except (KeyboardInterrupt, Abort):
        print("nasfer: interrupted; the same command goes on", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        sys.stderr.close()
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)


def _one_line(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    line: str | None = None,
) -> str:
    return f"nasfer: warning: {in_flags(str(message))}\n"


if __name__ == "__main__":
    main()
