"""What results show of themselves: ten lines, a small page, and nothing that steers either."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
import torch

import nasfer
from nasfer.arch import parse_arch
from nasfer.exporting.choosing import Chosen
from nasfer.inference.latency import Latency
from nasfer.inference.metrics import measure
from nasfer.inference.result import Result
from nasfer.models import CheckpointInfo, create_model
from nasfer.overview import MOST_LINES, Overview
from nasfer.report import find_front
from nasfer.searching import SearchResult
from nasfer.training.run import TrainResult
from nasfer.training.settings import Epoch

SHORT = "<script>alert(1)</script>&\x1b[2J\n\nsecond \u202e"
HOSTILE = SHORT + "x" * 5000
ARCH = parse_arch("SuperConvK3BNRELU(1,8,2,1)" + "SuperConvK1BNRELU(8,8,1,1)" * 150)
EPOCH = Epoch(1, 0.1, 1.9, 0.2, 0.3, 1.8, 100.0, 2.0)


def search_result() -> SearchResult:
    found = nasfer.search("zennet_r", "60M", iterations=200, seed=0, top=0, resolution=48)
    one = replace(found.best, arch=ARCH, family=HOSTILE)
    failures = [{"digest": "d", "error": HOSTILE}] * 900
    return SearchResult([one] * 900, [one] * 900, failures, {HOSTILE: HOSTILE})


def results() -> list[Any]:
    names = (HOSTILE, *map(str, range(6)))
    metrics = measure(torch.eye(7), torch.eye(7), names)
    measured = Result(
        HOSTILE, str(ARCH), "d", HOSTILE, "test", 48, metrics, notes=(HOSTILE,) * 900,
        bad_images=(HOSTILE,) * 900, latencies=(Latency(1, 1, 1.0, 2.0, 3.0, 9),) * 20,
        checkpoint=HOSTILE,
    )  # fmt: skip
    info = CheckpointInfo(str(ARCH), names, 32, (0.5,), (0.25,))
    history = tuple(replace(EPOCH, epoch=number) for number in range(1, 900))
    trained = TrainResult(create_model(ARCH), info, EPOCH, history, metrics, Path(HOSTILE[:200]))
    table = pd.DataFrame({
        "name": [HOSTILE] * 900, "digest": "d", "flops": range(900), "val_accuracy": 0.5,
        "structure": str(ARCH),
    })  # fmt: skip
    found = search_result()
    front = find_front(table.assign(val_accuracy=table["flops"] / 900), "flops", "val_accuracy")
    return [found, found.best, measured, metrics, trained, front]


def test_each_result_is_ten_lines_and_a_small_page() -> None:
    for result in results():
        check(result)


def check(result: Any) -> None:
    lines = repr(result).splitlines()
    assert 1 <= len(lines) <= 10
    assert max(map(len, lines)) < 1000
    assert all(line.isprintable() for line in lines)
    assert lines[0].startswith(type(result).__name__)
    if not hasattr(result, "_repr_html_"):
        return
    page = result._repr_html_()
    assert len(page.encode()) < 20_000
    tree = ElementTree.fromstring(page)  # well-formed, so all text is escaped
    assert {element.tag for element in tree.iter()} <= {
        "div", "p", "strong", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    assert "\x1b" not in page
    assert "".join(tree.itertext()).strip()


def test_hostile_names_are_shown_escaped() -> None:
    name = SHORT + "\udcff"  # a byte of a file's name that is not UTF-8
    page = Overview(name, {"<i>": name}, [{"<b>": name}]).html()
    shown = "&lt;script&gt;alert(1)&lt;/script&gt;&amp;\\x1b[2J second \\u202e\\udcff"
    assert page.count(shown) == 3
    assert "<script" not in page
    assert "<b>" not in page
    assert "<i>" not in page


@pytest.mark.parametrize("facts", [0, 3, 8, 9, 30])
@pytest.mark.parametrize("rows", [0, 1, 5, 9, 10, 1000])
def test_however_much_there_is_ten_lines_hold_it(facts: int, rows: int) -> None:
    row = {"rank": 1, "zen": 0.5}
    shown = Overview("title", {str(n): n for n in range(facts)}, [row] * rows)
    lines = shown.text().splitlines()
    assert len(lines) <= MOST_LINES
    told = sum(line.split() == ["1", "0.50"] for line in lines)
    if told < rows and told:  # what is left out is counted
        assert lines[-1] == f"  and {rows - told:,} more"
    if 1 + facts + 1 + rows <= MOST_LINES:
        assert told == rows


def test_an_exported_file_is_not_shown() -> None:
    chosen = Chosen("unsigned", b"\x00" * 5_000_000, 1, 2.0, 1.0, None, None)
    assert len(repr(chosen)) < 300


def test_tables_of_frames_are_small_in_a_notebook() -> None:
    row = {"file": HOSTILE, "expression": "fear", "structure": str(ARCH)}
    page = pd.DataFrame([row] * 5000)._repr_html_()  # type: ignore[operator]
    assert len(page) < 50_000
    assert "<script>" not in page
