"""The command line as a user meets it: real processes, exit codes, one-line errors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nasfer.arch import arch_to_yaml
from nasfer.presets import load_arch


def nasfer(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nasfer", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=240,
        cwd=cwd,
    )


SEARCH = ("search", "--space", "zennet_r", "--budget", "30M", "--resolution", 48, "--seed", 1)
SMALL = (*map(str, SEARCH), "--iterations", "2000", "--top", "2", "--repeats", "1")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "run"
    done = nasfer(*SMALL, "--out", folder)
    assert done.returncode == 0, done.stderr
    assert "best structure: SuperConv" in done.stdout
    assert "proposing 2000/2000" in done.stderr
    return folder


def test_the_same_command_reports_and_does_not_redo(run: Path) -> None:
    done = nasfer(*SMALL, "--out", run, "--json")
    assert done.returncode == 0
    rows = json.loads(done.stdout)["candidates"]
    assert [row["rank"] for row in rows] == [1, 2]
    assert "proposing" not in done.stderr


def test_the_default_folder_names_space_budget_and_seed(tmp_path: Path) -> None:
    done = nasfer(*SMALL, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "results/runs/zennet_r-30M-seed1/candidates.csv").exists()


def test_a_users_own_space_needs_no_python(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "start: SuperConvK3BNRELU(1,8,2,1)SuperResK3K3(8,16,2,8,1)\n"
        "moves:\n"
        "  SuperResKK:\n"
        "    out_channels: {scale: [0.5, 2], multiple_of: 8, max: 64}\n"
        "    repeats: {step: [-1, 1], max: 3}\n"
    )
    settings = ("--resolution", "48", "--iterations", "300", "--top", "1", "--repeats", "1")
    done = nasfer("search", "--space", "mine.yaml", "--budget", "5M", *settings, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "results/runs/mine-5M-seed0/best.yaml").exists()


@pytest.mark.parametrize("command", ["", "search", "score", "profile", "presets", "pareto"])
def test_help_shows_an_example(command: str) -> None:
    done = nasfer(*command.split(), "--help")
    assert done.returncode == 0
    assert "Example: nasfer" in " ".join(done.stdout.split())


def test_score_prints_json() -> None:
    done = nasfer("score", "zennet_m", "--proxy", "zen", "--repeats", "2", "--batch", "2",
                  "--resolution", "32", "--json")  # fmt: skip
    data = json.loads(done.stdout)
    assert len(data["draws"]) == 2
    assert data["std"] > 0
    assert data["digest"] == load_arch("zennet_m").digest()


def test_profile_shows_every_layer(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(arch_to_yaml(load_arch("zennet_r")))
    done = nasfer("profile", tmp_path / "net.yaml", "--resolution", 48, "--per-layer", "--json")
    data = json.loads(done.stdout)
    assert data["params"] == 327_183 == sum(row["params"] for row in data["per_layer"])
    assert data["flops"] == sum(row["flops"] for row in data["per_layer"])
    table = nasfer("profile", "zennet_r", "--resolution", 48, "--per-layer").stdout
    assert "features.4.9.0.body.3" in table
    assert "327,183" in table


def test_lists_are_tables_and_json() -> None:
    for command, name in (("presets", "zennet_m"), ("spaces", "zennet_r"), ("proxies", "zen")):
        assert name in nasfer(command).stdout
        assert name in [row["name"] for row in json.loads(nasfer(command, "--json").stdout)]


def test_pareto_writes_all_formats(run: Path, tmp_path: Path) -> None:
    done = nasfer("pareto", run, "--x", "params", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    for name in ("csv", "md", "tex", "png"):
        assert (tmp_path / "out" / f"pareto.{name}").stat().st_size > 0
    assert r"\toprule" in (tmp_path / "out" / "pareto.tex").read_text()


WRONG = {
    "a typo in a structure": (
        ("score", "SuperConvK3BNRELU(3,8,2,1)SuperRezK3K3(8,16,1,8,1)"),
        "position 26: unknown block 'SuperRezK3K3'; did you mean",
    ),
    "no such preset": (("profile", "zennet-m"), "unknown preset 'zennet-m'; did you mean"),
    "an image too small to count": (
        ("profile", "amp_net", "--resolution", "24"),
        "resolution: 24 px is too small for this network",
    ),
    "an image too small to score": (
        ("score", "attention_emotion_net", "--resolution", "7"),
        "resolution: 7 px is too small for this network",
    ),
    "no preset of that pattern": (("presets", "zennet-m", "--check"), "did you mean 'zennet_m'"),
    "no such proxy": (("score", "zennet_m", "--proxy", "zenn"), "did you mean 'zen'"),
    "a budget of unknown unit": (("search", "--budget", "450Q"), "--budget: '450Q' is not"),
    "an infeasible budget": (
        ("search", "--budget", "1K", "--iterations", "3000", "--out", "{tmp}/run"),
        "smallest found: ",
    ),
    "an unknown space": (("search", "--space", "zenet_r"), "did you mean 'zennet_r'"),
    "a space file that is not there": (("search", "--space", "no.yaml"), "no such file"),
    "an unknown strategy": (
        ("search", "--strategy", "evolve", "--out", "{tmp}/run"),
        "unknown strategy 'evolve'",
    ),
    "an unknown option": (("search", "--bugdet", "1M"), "No such option: --bugdet"),
    "a number that is none": (("search", "--iterations", "x"), "--iterations"),
    "an unwritable folder": (
        ("search", "--budget", "450M", "--out", "/proc/nasfer"),
        "/proc/nasfer: cannot be made",
    ),
    "a run folder of other settings": (
        ("search", "--space", "zennet_r", "--budget", "31M", "--out", "{run}"),
        "this folder holds a run with",
    ),
    "no run folder": (("pareto", "{tmp}"), "no run folder"),
    "an unknown metric": (("pareto", "{run}", "--y", "zenn"), "unknown metric 'zenn'"),
    "an unknown format": (("pareto", "{run}", "--format", "xls"), "--format: unknown 'xls'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_one_line_and_exit_2(case: str, run: Path, tmp_path: Path) -> None:
    arguments, message = WRONG[case]
    done = nasfer(*(part.format(tmp=tmp_path, run=run) for part in arguments))
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if not line.startswith("proposing")]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("nasfer: ")
    assert message in lines[0]
