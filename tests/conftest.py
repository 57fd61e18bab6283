"""Programs outside Python: a test that needs one is skipped without it, but under CI it fails."""

from __future__ import annotations

import os
import shutil

import pytest

for name in ("COLUMNS", "LINES"):  # readline, which pytest loads, tells them to child processes
    os.environ.pop(name, None)
    os.unsetenv(name)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Read the marker ``needs_program(NAME, ...)``: any one of the names will do."""
    for mark in item.iter_markers("needs_program"):
        if not any(map(shutil.which, mark.args)):
            missing = f"{mark.args[0]} is not installed"
            if os.environ.get("CI") == "true":  # what nobody looks at would never run
                pytest.fail(f"{missing}, and under CI=true nothing is skipped", pytrace=False)
            pytest.skip(missing)
