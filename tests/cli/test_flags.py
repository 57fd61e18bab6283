"""The library names arguments; the command line says its own flags, each of which exists."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

import nasfer.cli.app
from nasfer.cli.flags import OTHERS, in_flags
from nasfer.errors import NasferWarning

NET = "SuperConvK3BNRELU(1,8,2,1)"
LONG = NET + "SuperConvK1BNRELU(8,8,1,1)" * 10
"""More than the 255 characters that a file's name may have."""

PACKAGE = Path(nasfer.cli.app.__file__).parents[1]


def texts_raised() -> Iterator[tuple[str, str]]:
    """Yield the place and the text of every error that the library raises."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.is_relative_to(PACKAGE / "cli"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Raise) and node.exc is not None:
                parts = [n.value for n in ast.walk(node.exc) if isinstance(n, ast.Constant)]
                yield f"{path.name}:{node.lineno}", " ".join(p for p in parts if isinstance(p, str))


def words_of_the_command_line() -> set[str]:
    """Return all flags of all commands, and the names of their positional arguments."""
    words: set[str] = set()
    group = typer.main.get_command(nasfer.cli.app.app)
    commands = list(group.commands.values())  # type: ignore[attr-defined]
    commands += [inner for c in commands for inner in getattr(c, "commands", {}).values()]
    for command in commands:
        for option in command.params:
            words |= {*option.opts, *option.secondary_opts}
            words.add((option.metavar or option.name or "").upper().strip("."))
    return words


def test_every_argument_that_an_error_names_has_a_flag() -> None:
    words = words_of_the_command_line()
    unknown = [
        f"{place}: {name} -> {in_flags(f'`{name}`')}"
        for place, text in texts_raised()
        for name in re.findall(r"`([a-z_]+)(?:=[^`]*)?`", text)
        if in_flags(f"`{name}`") not in words and name not in PYTHON_ONLY
    ]
    assert unknown == []
    assert set(OTHERS.values()) <= words


PYTHON_ONLY = {"limits", "model", "objective", "out_indices", "path", "reset_classifier"}
"""Arguments of functions that no command calls."""


def test_no_error_of_the_library_names_a_flag() -> None:
    named = [f"{place}: {text}" for place, text in texts_raised() if re.search(r"--[a-z]", text)]
    assert named == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("search", "--max-params", "450Q"), "nasfer: --max-params: '450Q' is not a number"),
        (("profile", " "), "nasfer: ARCH: empty"),
        (("profile", f"{LONG}\nSuperConv"), "nasfer: position "),
        (("score", f"{LONG}.yaml"), "nasfer: position "),
        (("create", f"{LONG}.yaml", "net.safetensors"), "nasfer: position "),
        (("search", "--space", LONG), "nasfer: --space: a structure is one network"),
        (("train", NET, "--set", "lr=x"), "nasfer: --set: lr: 'x': "),
        (("train", NET, "--recipe", "paper"), "nasfer: --recipe: 'paper' is a preset's own"),
    ],
)
def test_errors_say_flags(
    arguments: tuple[str, ...],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(warnings, "formatwarning", warnings.formatwarning)  # main replaces it
    monkeypatch.setattr("sys.argv", ["nasfer", *arguments])
    with pytest.raises(SystemExit, match="2"):
        nasfer.cli.app.main()
    shown = capsys.readouterr().err.splitlines()
    assert shown[-1].startswith(message)
    assert not any(tmp_path.iterdir())
    warning = NasferWarning("`max_params`: seen")
    assert warnings.formatwarning(warning, NasferWarning, "x.py", 1) == (
        "nasfer: warning: --max-params: seen\n"
    )
