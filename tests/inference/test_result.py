"""One value for what was measured, one writer, and the same value read back."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nasfer.errors import RunFolderError
from nasfer.inference.latency import Latency
from nasfer.inference.metrics import Metrics, measure
from nasfer.inference.result import Result, write_result

NAMES = ("neutral", "happiness", "fear")


def some_metrics(seed: int = 0, images: int = 30) -> Metrics:
    torch.manual_seed(seed)
    targets = torch.eye(3)[torch.randint(2, (images,))]  # nobody fears
    return measure(torch.randn(images, 3).double().softmax(1), targets, NAMES)


def some_result(seed: int = 0, *, whole: bool = True) -> Result:
    plain = Result("net_a", "S(1)", "abc", "rafdb:/x,val=0.2", "test", 48, some_metrics(seed))
    if not whole:
        return plain
    return Result(
        "runs/x/best.safetensors", "S(1)", "abc", "rafdb:/x", "val", 48, some_metrics(seed),
        device="cuda", flip=True, notes=("30 images",), bad_images=("b.jpg",),
        latencies=(Latency(1, 2, 0.1 + 0.2, 3.5, 333.3, 10),),
        best_epoch={"epoch": 3, "lr": 0.1, "val_accuracy": 1 / 3}, checkpoint="best.safetensors",
    )  # fmt: skip


@given(st.integers(0, 99), st.booleans())
def test_a_round_trip_through_json_is_equal(seed: int, whole: bool) -> None:
    result = some_result(seed, whole=whole)
    assert Result.from_dict(json.loads(json.dumps(result.to_dict()))) == result


def test_metrics_of_a_record_without_classes_have_them_in_the_confusion() -> None:
    metrics = some_metrics()
    data = metrics.to_dict()
    del data["per_class"]
    assert Metrics.from_dict(data) == metrics


def test_the_files_hold_the_whole_result_and_one_header(tmp_path: Path) -> None:
    result = some_result()
    write_result(str(tmp_path / "new" / "folder"), result)
    written = tmp_path / "new" / "folder"
    assert sorted(path.name for path in written.iterdir()) == ["per_class.csv", "result.json"]
    assert Result.from_dict(json.loads((written / "result.json").read_text())) == result
    text = (written / "per_class.csv").read_text()
    assert text.splitlines()[0] == "class,precision,recall,f1,support"
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["class"] for row in rows] == list(NAMES)
    assert sum(int(row["support"]) for row in rows) == result.metrics.count


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match=r"file/new: cannot be made"):
        write_result(tmp_path / "file" / "new", some_result())


@pytest.mark.parametrize(
    ("network", "title"),
    [
        ("zennet_m", "zennet_m on rafdb, test"),
        ("runs/x/best.safetensors", "best on rafdb, test"),
        (f"Super({'9' * 400})", "abc on rafdb, test"),
    ],
)
def test_titles_are_short_whatever_the_network_is_called(network: str, title: str) -> None:
    assert Result(network, "S", "abc", "rafdb:/x", "test", 48, some_metrics()).title == title


def test_records_are_read_without_torch() -> None:
    code = (
        "import sys, json; from nasfer.inference.result import Result;"
        f"Result.from_dict(json.loads({json.dumps(some_result(whole=False).to_dict())!r}));"
        "assert not {'torch', 'sklearn', 'pandas'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
