"""``nasfer presets --check``: right for all ten presets, and one wrong number is named by its line.

The wrong numbers are real: the package is copied, one place of a preset file edited, and the copy
is run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import nasfer
from nasfer.errors import UnknownNameError
from nasfer.presets import PRESETS
from nasfer.verifying import check_presets, write_verdicts
from nasfer.verifying.presets import TOLERANCE, golden_figures

PACKAGE = Path(nasfer.__file__).parent


def check(package: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``nasfer presets --check`` of the package in that folder."""
    return subprocess.run(
        [sys.executable, "-m", "nasfer", "presets", "--check", *arguments],
        capture_output=True, text=True, timeout=240, cwd=package,
        env={**os.environ, "PYTHONPATH": str(package)},
    )  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> dict[str, dict[str, Any]]:
    done = check(PACKAGE.parent, "--json")
    assert done.returncode == 0, done.stderr
    return {row["name"]: row for row in json.loads(done.stdout)}


@pytest.mark.parametrize("name", PRESETS.names())
def test_every_preset_is_the_published_network(name: str, rows: dict[str, dict[str, Any]]) -> None:
    row, preset, figures = rows[name], PRESETS.get(name), golden_figures(name)
    assert row["faults"] == []
    assert row["logits_gap"] <= TOLERANCE
    assert row["params"] == preset.params == figures["params"]
    assert row["flops"] == preset.flops == figures.get("flops_fvcore", preset.flops)
    assert row["resolution"] == preset.resolution == figures["input_shape"][-1]


@pytest.mark.parametrize("name", PRESETS.names())
def test_printed_figures_stand_beside_as_relative_gaps(
    name: str, rows: dict[str, dict[str, Any]]
) -> None:
    row, printed = rows[name], PRESETS.get(name).published
    assert (row["printed_params"], row["printed_flops"]) == (printed.params, printed.flops)
    largest = {"emo_net": 0.04, "efficientface": 0.01}.get(name, 0.01)  # 0.34G, counted 0.327G
    for gap, figure in (("params_gap", printed.params), ("flops_gap", printed.flops)):
        assert (row[gap] is None) == (figure is None)
        assert abs(row[gap] or 0) < largest


def test_a_notebook_gets_verdicts_and_their_files(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []
    verdicts = check_presets("zennet_r*", seen.append)
    assert seen == [verdict.name for verdict in verdicts] == PRESETS.names("zennet_r*")
    assert all(verdict.faults == () for verdict in verdicts)
    write_verdicts(verdicts, str(tmp_path / "new"))
    table = pd.read_csv(tmp_path / "new" / "presets.csv")
    assert table["params"].tolist() == [verdict.params for verdict in verdicts]
    assert "zennet_r" in (tmp_path / "new" / "presets.md").read_text()
    assert capfd.readouterr() == ("", "")
    with pytest.raises(UnknownNameError, match="zennet_q"):
        check_presets("zennet_q")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package; each test edits it and puts it back."""
    folder = tmp_path_factory.mktemp("copy")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, folder / "nasfer", ignore=ignored)
    return folder


EDITS = {
    "params": ("emo_net", "2_310_738", "2_310_739", "the file says 2310739"),
    "flops": ("zennet_r", "444_937_024", "444_937_025", "the file says 444937025"),
    "resolution": ("emo_net", "resolution=224", "resolution=2", "the file says 2"),
    "a kernel": ("emo_net", "EmoResE6K3(24,32", "EmoResE6K5(24,32", "has shape"),
    "a stride": ("emo_net", "(3,32,2,activ", "(3,32,1,activ", "logits differ"),
    "a width": ("zennet_m", "(96,32,2,40,4)", "(96,32,2,48,4)", "has shape"),
    "a depth": ("emo_net", "(160,320,1,1)", "(160,320,1,2)", "of another network: missing"),
    "classes": ("efficientface", "Head(1024,7", "Head(1024,8", "is of 7 classes"),
    "a chain": ("efficientface", "ConvK1BN(464", "ConvK1BN(463", "blocks[4].in_channels: 463"),
    "a bracket": ("emo_net", "(96,160,2,3)", "(96,160,2)", "EmoResE6K3 has 3 numbers"),
    "a head": ("efficientface", "Head(1024", "Head(1023", "head.in_channels: 1023"),
    "a name": ("zennet_m", "SuperConvK3BNRELU(3,64", "SuperConK3BNRELU(3,64", "unknown block"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_one_wrong_number_is_named_by_its_line(edit: str, copy: Path) -> None:
    name, old, new, message = EDITS[edit]
    module = PRESETS.get(name).published_key.__module__
    path = copy.joinpath(*module.split(".")).with_suffix(".py")
    right = path.read_text()
    assert right.count(old) == 1
    path.write_text(right.replace(old, new))
    try:
        done = check(copy, name)
    finally:
        path.write_text(right)
    assert done.returncode == 1, done.stderr
    line = right[: right.index(old)].count("\n") + 1
    faults = [text for text in done.stderr.splitlines() if not text.startswith("checking ")]
    assert any(f.startswith(f"nasfer: {path}:{line}: ") and message in f for f in faults), faults


def test_a_printed_figure_is_shown_as_a_gap_and_is_no_fault(copy: Path) -> None:
    path = copy / "nasfer" / "presets" / "emo_net.py"
    right = path.read_text()
    path.write_text(right.replace('"2.31M"', '"2.10M"'))
    try:
        done = check(copy, "emo_net", "--json")
    finally:
        path.write_text(right)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["params_gap"] == pytest.approx(0.1004, abs=1e-4)
