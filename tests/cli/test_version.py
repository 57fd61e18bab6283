"""What stands before a command: the version, and completion for shells."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from tests.cli.test_commands import nasfer

ROOT = Path(__file__).parents[2]


def test_the_version_is_the_installed_ones() -> None:
    done = nasfer("--version")
    assert (done.returncode, done.stdout) == (0, f"nasfer {metadata.version('nasfer')}\n")
    assert re.fullmatch(r"nasfer \d+\.\d+\S*\n", done.stdout)


def test_a_shell_can_complete_commands() -> None:
    words = {"_NASFER_COMPLETE": "complete_bash", "COMP_WORDS": "nasfer exp", "COMP_CWORD": "1"}
    code = "import sys; sys.argv = ['nasfer']; from nasfer.cli.app import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT), **words},
    )  # fmt: skip
    assert done.stdout.split() == ["export"], done.stderr
