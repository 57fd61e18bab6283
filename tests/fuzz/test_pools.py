"""No pool, however damaged, is anything but read or refused in one line."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from nasfer.errors import NasferWarning
from nasfer.pools import read_pool
from nasfer.report.correlations.scoring import KeptScores, ScoreRecord
from nasfer.runs.appended import text_of
from tests.fuzz.mutating import changed, damaged
from tests.fuzz.running import examples, refused_or_done
from tests.pools.test_benchmarks import ACCEL_ROWS, MACRO_ROWS

TABLE = (
    "structure,accuracy,resolution,dataset,recipe,seed,flops,params,train_loss_1\n"
    '"SuperConvK3BNRELU(3,8,2,1)",31.5,48,faces,nasfer,0,140256,295,1.5\n'
    '"SuperConvK3BNRELU(3,8,2,1)",32.5,48,faces,nasfer,1,140256,295,1.25\n'
)
SCORES = text_of(
    ScoreRecord(f"{number:064x}", f"{number:012x}", 1.5 * number).to_dict() for number in range(3)
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(name: str, content: bytes) -> None:
    """Read a pool of this content, or see it refused."""
    Path(name).write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NasferWarning)
        refused_or_done(read_pool, name)


@examples(150)
@given(content=damaged(TABLE.encode()))
def test_tables(content: bytes) -> None:
    read("pool.csv", content)


@examples(100)
@given(content=damaged(json.dumps(ACCEL_ROWS).encode()))
def test_public_tables(content: bytes) -> None:
    read("table.json", content)


@examples(150)
@given(data=changed(MACRO_ROWS))
def test_fields_of_one_public_table(data: Any) -> None:
    read("table.json", json.dumps(data, default=str).encode())


@examples(150)
@given(data=changed(ACCEL_ROWS))
def test_fields_of_the_other(data: Any) -> None:
    read("table.json", json.dumps(data, default=str).encode())


@examples(100)
@given(content=damaged(SCORES.encode()))
def test_scores_that_were_kept(content: bytes) -> None:
    Path("tau.scores.jsonl").write_bytes(content)
    refused_or_done(lambda: KeptScores(Path("tau.scores.jsonl")))
