"""Messages of the library name arguments; the command line turns them into flags, in one place."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import nasfer

ROOT = Path(nasfer.__file__).parent
ROOMS = sorted(
    path.name
    for path in ROOT.iterdir()
    if path.name != "cli" and (path.is_dir() or path.suffix == ".py") and path.name[:2] != "__"
)
FLAG = re.compile(r"(?<![\w-])--[a-z]")


def raised_texts(tree: ast.AST) -> set[tuple[int, str]]:
    """Line and text of every string inside a call of an error class, raised or handed on."""
    found = set()
    for node in ast.walk(tree):
        name = (
            node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        )
        if isinstance(node, ast.Raise) or name.endswith("Error"):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    found.add((part.lineno, part.value))
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_no_error_of_the_library_names_a_flag(room: str) -> None:
    path = ROOT / room
    files = [path] if path.suffix else sorted(path.rglob("*.py"))
    named = [
        f"{file.relative_to(ROOT)}:{line}: {text}"
        for file in files
        for line, text in sorted(raised_texts(ast.parse(file.read_text())))
        if FLAG.search(text)
    ]
    assert not named, "\n".join(named)
