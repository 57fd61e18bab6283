"""Rooms import lower floors only, and torch comes late."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import nasfer
import nasfer.api

PACKAGE = Path(nasfer.__file__).parent

FLOORS = {
    "errors": 0,
    "registry": 1,
    "quantity": 1,
    "runfolder": 1,
    "written": 1,
    "arch": 2,
    "costs": 3,
    "space": 3,
    "presets": 3,
    "models": 3,
    "data": 3,
    "training": 4,
    "exporting": 5,
    "proxies": 4,
    "searching": 5,
    "report": 6,
    "runners": 6,
    "verify": 6,
    "api": 7,
    "testing": 7,
    "cli": 8,
    "__init__": 9,
    "__main__": 9,
}


def imported_rooms(path: Path) -> set[str]:
    """Rooms that a file imports, also inside functions, but not for type checking alone."""
    tree = ast.parse(path.read_text())
    typing_only = {
        node
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for node in ast.walk(branch)
    }
    rooms = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node not in typing_only:
            module = node.module or ""
            names = [module] if module != "nasfer" else [f"nasfer.{a.name}" for a in node.names]
            rooms |= {name.split(".")[1] for name in names if name.startswith("nasfer.")}
    return rooms


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=str)
def test_rooms_import_lower_floors_only(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for other in imported_rooms(path) - {room}:
        assert FLOORS[other] < FLOORS[room] or (FLOORS[other] == FLOORS[room] == 3), (
            f"{room} imports {other}"
        )


LIGHT = """
import sys
import nasfer
arch = nasfer.load_arch("zennet_m")
nasfer.cost(arch)
nasfer.score(arch, "zen_closed_form")
nasfer.search("zennet_r", "446M", iterations=50, seed=0, top=0)
import nasfer.cli.app
heavy = {"torch", "ray", "pandas", "matplotlib"} & set(sys.modules)
assert not heavy, heavy
"""


def test_closed_form_search_imports_neither_torch_nor_pandas() -> None:
    subprocess.run([sys.executable, "-c", LIGHT], check=True, timeout=120)


def test_there_is_no_two_way_import_between_rooms() -> None:
    edges = {
        (path.relative_to(PACKAGE).parts[0].removesuffix(".py"), other)
        for path in PACKAGE.rglob("*.py")
        for other in imported_rooms(path)
    }
    assert not [(a, b) for a, b in edges if a < b and (b, a) in edges]


def test_every_public_name_is_there() -> None:
    assert nasfer.__all__ == nasfer.api.__all__
    for name in nasfer.__all__:
        assert callable(getattr(nasfer, name)), name
    typed = ast.parse(Path(nasfer.__file__).read_text())
    imported = [a.name for n in ast.walk(typed) if isinstance(n, ast.ImportFrom) for a in n.names]
    assert set(nasfer.__all__) <= set(imported)
