"""Tables keep names whole at 80 columns, say what they leave out, and cut nothing in a pipe."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from nasfer.cli import output, tune
from nasfer.cli.tables import NAMES, Column, fit
from nasfer.costs import layer_table
from nasfer.data import DATASETS
from nasfer.presets import PRESETS, load_arch
from nasfer.proxies import PROXIES
from nasfer.report import write_results
from nasfer.space import list_spaces
from tests.cli.test_evaluate import SEVEN, Nasfer, home, nasfer  # noqa: F401  # fixtures
from tests.cli.test_quiet import SEARCH, TRAIN
from tests.cli.test_train import NET
from tests.report.ledgers import STRUCTURE, failed, line, run_of_five, write_run

LAYERS = [row.path for row in layer_table(load_arch("zennet_r"), 48)]


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def rules(text: str) -> list[int]:
    """The widths of the tables, by the rules under their headings."""
    return [len(row) for row in text.splitlines() if row and not row.strip("─")]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("presets", list(PRESETS.names())),
        ("presets zennet_r --check", ["zennet_r"]),
        ("spaces", list_spaces()),
        ("proxies", [proxy.name for proxy in PROXIES]),
        ("data list", [entry.name for entry in DATASETS]),
        ("data check folder:{home}/faces", list(SEVEN)),
        ("profile zennet_r --resolution 48 --per-layer", LAYERS),
        ("evaluate {home}/net.safetensors --data folder:{home}/faces", list(SEVEN)),
    ],
)
def test_each_name_is_whole(
    nasfer: Nasfer, home: Path, words: str, names: list[str]  # noqa: F811
) -> None:  # fmt: skip
    done = nasfer(*words.format(home=home).split())
    assert done.returncode in (0, 1), done.stderr  # 1: the faces hold duplicates
    shown = {word for row in done.stdout.splitlines() for word in row.split()}
    assert set(names) <= shown
    assert rules(done.stdout)
    assert max(rules(done.stdout)) <= 80


def test_found_networks_are_whole_and_the_file_with_the_rest_is_named(
    nasfer: Nasfer, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    words = [word for word in SEARCH if word != "--json"]
    words[words.index("--top") + 1] = "2"
    words[words.index("--space") + 1] = "fer"
    run = tmp_path / ("a-long-name-of-a-run-" * 4)
    done = nasfer(*words, "--out", run)
    assert done.returncode == 0, done.stderr
    found = pd.read_csv(run / "candidates.csv", dtype=str)
    assert all(digest in done.stdout.split() for digest in found["digest"])
    assert found["structure"][0] in done.stdout  # on a line of its own
    assert max(rules(done.stdout)) <= 80
    assert f"no room for: closed form; {run}/candidates.csv has all columns" in done.stdout
    front = nasfer("pareto", run, "--format", "csv")
    on_it = pd.read_csv(run / "pareto.csv", dtype=str)
    assert all(digest in front.stdout.split() for digest in on_it["digest"])
    assert f"[1] {run.name}" in front.stdout.splitlines()
    assert f"{run}/pareto.csv has all columns" in front.stdout


def test_trained_networks_are_whole(
    nasfer: Nasfer, tmp_path: Path, capsys: pytest.CaptureFixture[str]  # noqa: F811
) -> None:  # fmt: skip
    structures = [STRUCTURE.format(width=8 + 4 * index) for index in range(3)]
    lines = [line(index, seed) for index in range(3) for seed in (0, 1)]
    for record, structure in zip(lines, sorted(structures * 2)):
        record["source"] = structure
    lines.append(failed(7, error="TrialError: the loss is nan in epoch 2 " * 4))
    run = write_run(tmp_path / "run", lines)
    table = write_results(run)
    done = nasfer("pareto", run, "--format", "csv", "--x", "latency")
    tune._show(table, run, as_json=False)
    for shown in (done.stdout, capsys.readouterr().out):
        assert all(structure in shown for structure in structures)
        assert {"search#7", f"{7:012x}"} <= set(shown.split())  # a digest of digits, too
        assert max(rules(shown)) <= 80
    status = nasfer("tune", "--status", run)
    assert status.returncode == 0, status.stderr
    five = run_of_five(tmp_path / "five")
    tau = nasfer("correlate", five, "--proxy", "zen_closed_form", "--proxy", "flops")
    assert {"zen_closed_form", "flops"} <= set(tau.stdout.split())
    assert max(rules(tau.stdout)) <= 80


def test_a_structure_and_paths_are_whole(
    nasfer: Nasfer, home: Path, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    done = nasfer(*TRAIN, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert f"[1] {NET}" in done.stdout.splitlines()
    assert done.stdout.split().count("accuracy") == 2  # of validation and of test
    face = tmp_path / ("long-" * 20 + ".png")
    Image.fromarray(np.zeros((48, 48), np.uint8)).save(face)
    told = nasfer("predict", home / "net.safetensors", face)
    assert str(face) in told.stdout
    assert any(name in told.stdout for name in SEVEN)
    assert max(rules(done.stdout) + rules(told.stdout)) <= 80


def test_a_pipe_without_columns_cuts_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS")
    row = {"name": "n" * 300, "summary": "many words " * 40, "params": 1}
    output.show_table("t" * 300, [row])
    title, heading, _, cells, _ = capsys.readouterr().out.splitlines()
    assert title == "t" * 300
    assert heading.split() == ["name", "summary", "params"]
    assert cells.split()[0] == "n" * 300
    assert "many words " * 39 in cells


def test_whatever_the_columns_names_stay_and_the_width_is_kept() -> None:
    rng = random.Random(0)
    for _ in range(300):
        words = ["name", *rng.sample(["params", "val accuracy", "digest", "summary", "kind"], 4)]
        columns = [
            Column(word, tuple(
                f"{word}-{row}-" + "x" * rng.randrange(90 if word == "name" else 30)
                for row in range(3)
            ), prose=word == "summary")
            for word in words
        ]  # fmt: skip
        width = rng.randrange(40, 160)
        found = fit(columns, width, first_out=("kind",))
        kept = {column.name: column.cells for column in found.columns}
        assert sorted([*kept, *found.left_out]) == sorted(words)
        for column in columns:
            if column.name in NAMES:
                cells = dict(found.below)
                assert tuple(cells.get(c, c) for c in kept[column.name]) == column.cells
        assert found.width <= width or set(kept) <= set(NAMES)
        if found.left_out and "kind" in words:
            assert found.left_out[0] == "kind"
