"""The rules of the tests themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

NEEDS = """
import pytest

@pytest.mark.needs_program("no-such-browser", "nor-this")
def test_browser():
    pass

@pytest.mark.needs_program("no-such-shell", "sh")
def test_shell():
    pass
"""


@pytest.mark.parametrize(
    ("variable", "outcomes"),
    [("", {"passed": 1, "skipped": 1}), ("true", {"passed": 1, "errors": 1})],
)
def test_a_missing_program_is_a_skip_and_under_ci_a_failure(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, variable: str, outcomes: dict
) -> None:
    monkeypatch.setenv("CI", variable)
    pytester.makeini("[pytest]\nmarkers = needs_program: as ours")
    pytester.makeconftest((Path(__file__).parent / "conftest.py").read_text())
    pytester.makepyfile(NEEDS)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    assert result.parseoutcomes() == outcomes
