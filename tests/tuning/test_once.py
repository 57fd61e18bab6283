"""A tuning reads each text of the user once, and its ledger once, whatever it reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nasfer
from nasfer.arch import parse_arch
from nasfer.runs import appended
from nasfer.runs import folder as run_folders
from nasfer.tuning.asking import asking, sources
from tests.tuning.running import DATA, NET

pytestmark = pytest.mark.slow


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each reader was called, by its name and what it read."""
    counted: Counter[str] = Counter()

    def count(module: Any, name: str, what: Callable[..., str]) -> None:
        original = getattr(module, name)

        def counting(*args: Any, **kwargs: Any) -> Any:
            counted[f"{name} {what(*args)}".strip()] += 1
            return original(*args, **kwargs)

        monkeypatch.setattr(module, name, counting)

    count(asking, "load_recipe", lambda name: "")
    count(asking, "read_source", str)
    count(asking, "parse_ranges", lambda texts, recipe: "")
    count(sources, "load_space", str)
    for module in (appended, run_folders):
        count(module, "whole_lines", lambda path: path.name)
    return counted


def test_one_recipe_one_reading_of_each_source_and_of_the_ledger(
    calls: Counter[str], tmp_path: Path
) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "start: SuperConvK3BNRELU(1,8,2,1)SuperConvK1BNRELU(8,16,1,1)\n"
        "moves: {SuperConv: {out_channels: {scale: [0.5, 2], multiple_of: 8, max: 32}}}\n"
    )
    table = nasfer.tune(
        [parse_arch(NET), own], DATA, out=tmp_path / "run", epochs=1, batch_size=64, trials=1,
        search={"lr": "loguniform(1e-4,1e-2)"}, max_concurrent=1,
    )  # fmt: skip
    assert len(table) == 2
    assert {name: n for name, n in calls.items() if not name.startswith("whole_lines epochs")} == {
        "load_recipe": 1,
        "parse_ranges": 1,
        f"read_source {NET}": 1,
        f"read_source {own}": 1,
        f"load_space {own}": 1,
        "whole_lines trials.jsonl": 1,
        "whole_lines ledger.jsonl": 1,
    }
