"""A record and its line are the same thing; lines of before still read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nasfer.errors import RunFolderError
from nasfer.report.correlations.scoring import ScoreRecord
from nasfer.runs.lines import Record, records_of
from nasfer.runs.records import (
    EpochRecord,
    LatencyRecord,
    TestFigures,
    TrialRecord,
    TrialSpec,
)

WORDS = st.text(max_size=8)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
COUNTS = st.integers(0, 10**12)
VALUES = st.dictionaries(WORDS, NUMBERS | COUNTS | WORDS, max_size=3)

KINDS = {
    TrialSpec: st.builds(
        TrialSpec, WORDS, WORDS, WORDS, WORDS, COUNTS, VALUES, COUNTS, st.none() | VALUES
    ),
    TestFigures: st.builds(
        TestFigures, *[NUMBERS] * 5, COUNTS,
        st.lists(st.lists(COUNTS, max_size=3).map(tuple), max_size=3).map(tuple),
        st.lists(WORDS, max_size=3).map(tuple),
    ),
    EpochRecord: st.builds(EpochRecord, COUNTS, NUMBERS, NUMBERS, WORDS, COUNTS),
    LatencyRecord: st.builds(LatencyRecord, NUMBERS, NUMBERS, st.none() | COUNTS, WORDS, WORDS),
    ScoreRecord: st.builds(ScoreRecord, WORDS, WORDS, st.none() | NUMBERS, WORDS, NUMBERS),
}  # fmt: skip
KINDS[TrialRecord] = st.builds(
    TrialRecord, WORDS, WORDS, WORDS, WORDS, COUNTS, st.sampled_from(("done", "stopped", "failed")),
    COUNTS, VALUES, WORDS, st.none() | NUMBERS, st.none() | KINDS[TestFigures],
    *[st.none() | COUNTS] * 5, st.none() | WORDS, st.none() | WORDS, st.none() | COUNTS,
    st.none() | NUMBERS, NUMBERS, st.none() | WORDS,
)  # fmt: skip


@given(st.one_of(*KINDS.values()))
def test_a_record_read_back_from_its_line_is_equal(record: Record) -> None:
    line = json.dumps(record.to_dict())
    assert type(record).from_dict(json.loads(line)) == record


def test_every_record_is_tried() -> None:
    made = {kind.__name__ for kind in Record.__subclasses__()}  # slots make each class twice
    assert {kind.__name__ for kind in KINDS} == made


TEST = {
    "accuracy": 0.5, "mean_class_accuracy": 0.4, "macro_f1": 0.4, "ece": 0.1, "nll": 1.2,
    "count": 4, "confusion": [[1, 1], [1, 1]], "class_names": ["happiness", "sadness"],
}  # fmt: skip
DONE: dict[str, Any] = {
    "trial": "ab-s0-c924a5f4", "candidate": "ab-c924a5f4", "source": "a", "digest": "ab",
    "structure": "S(1)", "seed": 0, "config": {"lr": 0.1}, "status": "done", "epochs": 3,
    "val_accuracy": 0.6, "test": TEST, "flops": 5, "macs": 4, "params": 3, "layers": 2,
    "resolution": 48, "device": "cpu", "checkpoint": "/x/best.safetensors",
    "checkpoint_bytes": 9, "zen_closed_form": None, "seconds": 1.5, "error": None,
}  # fmt: skip
FAILED: dict[str, Any] = {
    **{name: DONE[name] for name in ("trial", "candidate", "source", "digest", "structure")},
    "seed": 0, "config": {"lr": 0.1}, "status": "failed", "epochs": 1, "val_accuracy": None,
    **dict.fromkeys(("test", "flops", "macs", "params", "layers", "checkpoint")),
    "checkpoint_bytes": None, "zen_closed_form": None, "seconds": 0.5, "error": "loss is nan",
}  # fmt: skip


@pytest.mark.parametrize("line", [DONE, FAILED], ids=["done", "failed"])
def test_lines_that_were_written_before_there_were_records_still_read(line: dict[str, Any]) -> None:
    record = TrialRecord.from_dict(line)
    told = json.loads(json.dumps(record.to_dict()))
    assert {name: told[name] for name in line} == line
    assert record.candidate == "ab-c924a5f4"
    short = {name: value for name, value in line.items() if name != "candidate"}
    assert TrialRecord.from_dict(short) == record


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": "well"}, "status: input should be 'done'"),
        ({"seed": "one"}, "seed: input should be a valid integer"),
        ({"test": {"accuracy": 1}}, "test.mean_class_accuracy: field required"),
        ({"epochs": None}, "epochs: input should be a valid integer"),
    ],
)
def test_a_wrong_line_is_named_by_file_number_and_field(
    change: dict[str, Any], message: str
) -> None:
    with pytest.raises(RunFolderError, match=f"^ledger.jsonl:2: no TrialRecord: {message}.*remove"):
        records_of([DONE, {**DONE, **change}], TrialRecord, Path("ledger.jsonl"))
