"""Ledgers of tune runs that the tests write themselves."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from nasfer.runs.records import TestFigures, TrialRecord

NAMES = ("neutral", "happiness", "sadness")
STRUCTURE = "SuperConvK3BNRELU(3,{width},2,1)SuperConvK3BNRELU({width},16,2,1)"


def line(index: int, seed: int = 0, accuracy: float = 0.5, **other: Any) -> dict[str, Any]:
    """A trial that was trained to the end; ``other`` fields win."""
    test = TestFigures(
        accuracy, accuracy - 0.05, accuracy - 0.02, 0.1, 1.0, 30,
        ((5, 3, 2), (1, 8, 1), (0, 0, 10)), NAMES,
    )  # fmt: skip
    record = TrialRecord(
        trial=f"{index}-s{seed}", source=f"search#{index}", digest=f"{index:012x}",
        structure=STRUCTURE.format(width=8 + 4 * index), seed=seed, status="done", epochs=3,
        config=other.get("config", {}), val_accuracy=accuracy + 0.01, test=test,
        flops=1_000_000 * (index + 1), macs=900_000 * (index + 1), params=1000 * (index + 1),
        layers=3, checkpoint=f"/nowhere/{index}-s{seed}/best.safetensors",
        checkpoint_bytes=5000 + index, zen_closed_form=10.0 + index, seconds=60.0,
    )  # fmt: skip
    return {**record.to_dict(), **other}


def stopped(index: int, seed: int = 0) -> dict[str, Any]:
    """A trial that the scheduler stopped."""
    return line(index, seed, status="stopped", epochs=1, test=None)


def failed(index: int, seed: int = 0, error: str = "loss is nan") -> dict[str, Any]:
    """A trial that failed for good."""
    return line(index, seed, status="failed", epochs=1, test=None, val_accuracy=None, error=error)


def write_run(
    folder: Path, lines: Iterable[dict[str, Any]], kind: str = "tune", **settings: Any
) -> Path:
    """Write a run's folder, of `nasfer tune` if nothing else is said, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    run = {
        "kind": kind,
        "finished": True,
        "settings": {
            "data": "drawn", "recipe": "nasfer", "options": {"epochs": "3"},
            "resolution": 32, "threads": 1, **settings,
        },
        "command": "nasfer tune zennet_m --epochs 3",
        "versions": {"python": "3.11.2", "nasfer": "0.1.0"},
    }  # fmt: skip
    (folder / "run.yaml").write_text(yaml.safe_dump(run, sort_keys=False))
    (folder / "ledger.jsonl").write_text("".join(json.dumps(record) + "\n" for record in lines))
    timed = {
        f"{index:012x}": {
            "median_ms": 2.0 + index,
            "p95_ms": 3.0 + index,
            "backend": "onnxruntime",
        }
        for index in range(9)
    }
    (folder / "latency.json").write_text(json.dumps(timed))
    return folder


def run_of_five(folder: Path) -> Path:
    """A run of as many candidates as a rank correlation needs."""
    return write_run(folder, [line(i, accuracy=0.5 + i % 3 / 20) for i in range(5)])


def some_run(folder: Path) -> Path:
    """A run of four candidates, two seeds each, a preset among them, one failure."""
    accuracies = [(0.50, 0.54), (0.60, 0.62), (0.58, 0.57), (0.70, 0.71)]
    lines = [line(i, s, a) for i, pair in enumerate(accuracies) for s, a in enumerate(pair)]
    for record in lines[2:4]:
        record["source"] = "zennet_m_sa"
    return write_run(folder, [*lines, failed(7, error="TrialError: loss is nan in epoch 2")])
