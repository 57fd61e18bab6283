"""torch comes late, and every public name is there; the order of rooms is import-linter's."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import nasfer
import nasfer.api

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


def test_every_public_name_is_there() -> None:
    assert nasfer.__all__ == nasfer.api.__all__
    for name in nasfer.__all__:
        assert callable(getattr(nasfer, name)), name
    typed = ast.parse(Path(nasfer.__file__).read_text())
    imported = [a.name for n in ast.walk(typed) if isinstance(n, ast.ImportFrom) for a in n.names]
    assert set(nasfer.__all__) <= set(imported)
