"""The command's own process does not spin beside others; a user's choice is kept."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCORE = """
import os, sys
from nasfer.cli.app import main
sys.argv = ["nasfer", "score", "zennet_m", "--proxy", "params"]
assert "torch" not in sys.modules
try:
    main()
except SystemExit:
    print(os.environ.get("OMP_WAIT_POLICY"), os.environ.get("GOMP_SPINCOUNT"))
"""
NAMES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")


@pytest.mark.parametrize(("given", "then"), [
    ({}, "None 10000"),
    ({"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE None"),
    ({"GOMP_SPINCOUNT": "77"}, "None 77"),
])  # fmt: skip
def test_threads_soon_sleep_while_they_wait(given: dict[str, str], then: str) -> None:
    environment = {key: value for key, value in os.environ.items() if key not in NAMES}
    done = subprocess.run(
        [sys.executable, "-c", SCORE], env=environment | given,
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == then
