"""``nasfer learn``: what is printed, written and refused; its file as a proxy everywhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nasfer.cli.app import run
from nasfer.pools import Pool, write_pool
from nasfer.predictors import load_predictor
from nasfer.predictors.judging import FIGURES
from tests.predictors.trained import PX, pool_of

Told = Callable[..., tuple[int, str, str]]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    def call(*words: object) -> tuple[int, str, str]:
        code = run([str(word) for word in words])
        return (code, *capsys.readouterr())

    return call


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pool") / "pool.csv"
    write_pool(pool_of(40), path)
    return path


def figures(data: dict[str, Any]) -> None:
    for name in FIGURES:
        value, low, high = (data[name + ending] for ending in ("", "_low", "_high"))
        assert value is None or (isinstance(value, float) and low <= high), name


def test_it_learns_prints_and_writes(told: Told, pool: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "predictor.json"
    code, text, notes = told("learn", pool, "--out", out, "--predictor", "gp")
    assert (code, notes.count("\n") < 60) == (0, True)
    assert "40 networks not learnt from (leave one out)" in text
    assert "gp learnt from 40 networks of pool.csv at 32 px" in text
    assert "zen_closed_form" in text
    assert load_predictor(out).about.networks == 40
    assert (tmp_path / "new" / "predictor.png").read_bytes().startswith(b"\x89PNG")
    structure = str(pool_of(40).archs[0])
    code, text, _ = told("score", structure, "--proxy", f"predictor:{out}", "--resolution", PX)
    assert code == 0
    assert "percent (higher is better)" in text
    code, text, _ = told("correlate", pool, "--predictor", out, "--json")
    (row,) = json.loads(text)
    assert code == 0
    assert row["kendall_tau_b"] > 0.8


def test_json_has_the_figures_of_samples_and_nothing_else(told: Told, pool: Path) -> None:
    words = ("learn", pool, "--sample", 20, "--repeats", 3, "--predictor", "gp", "--json")
    code, text, _ = told(*words)
    data = json.loads(text)
    assert code == 0
    figures(data)
    assert (data["n"], data["judged"], data["repeats"], data["model"]) == (20, 20, 3, "gp")
    assert data["tau"] > 0.5
    assert 0 < data["tau_std"] < 0.3
    assert len(data["features"]) == len(set(data["features"])) > 5
    assert {"flops", "params", "depth", "zen_closed_form"} <= set(data["proxies"])
    for proxy in data["proxies"].values():
        figures(proxy)
        assert proxy["unscored"] == 0
    assert told(*words)[1] == text
    assert json.loads(told(*words, "--seed", 1)[1])["tau"] != data["tau"]


def test_a_budget_draws_and_judges_near_it(told: Told, tmp_path: Path) -> None:
    write_pool(pool_of(120, seed=4), tmp_path / "pool.csv")
    code, text, _ = told(
        "learn", tmp_path / "pool.csv", "--sample", 12, "--budget", "7M", "--predictor", "ridge",
        "--json",
    )  # fmt: skip
    data = json.loads(text)
    near = pool_of(120, seed=4).within(0.75 * 7e6, 7e6)
    assert (code, data["n"] + data["judged"], data["budget"]) == (0, len(near), 7_000_000)


def test_a_plot_may_stand_elsewhere(told: Told, pool: Path, tmp_path: Path) -> None:
    code, _, _ = told("learn", pool, "--predictor", "ridge", "--plot", tmp_path / "one.pdf")
    assert code == 0
    assert (tmp_path / "one.pdf").read_bytes().startswith(b"%PDF")


def test_wrong_input_is_one_line_and_exit_2(told: Told, pool: Path, tmp_path: Path) -> None:
    def refused(*words: object) -> str:
        code, text, notes = told(*words)
        assert (code, text, notes.count("\n")) == (2, "", 1), notes
        return notes

    def of(networks: Pool) -> Path:
        write_pool(networks, tmp_path / "other.csv")
        return tmp_path / "other.csv"

    whole = pool_of(40)
    assert "1 network; 3 at least are needed" in refused("learn", of(whole.take([0])))
    (tmp_path / "equal.csv").write_text(
        "structure,accuracy,resolution\n" + "".join(f'"{arch}",50,32\n' for arch in whole.archs[:5])
    )
    assert "all accuracies are 50" in refused("learn", tmp_path / "equal.csv")
    (tmp_path / "none.csv").write_text(f'structure,flops\n"{whole.archs[0]}",1\n')
    assert "accuracy" in refused("learn", tmp_path / "none.csv")
    (tmp_path / "sizes.csv").write_text(
        "structure,accuracy,resolution\n"
        + "".join(f'"{arch}",{i},{32 + 16 * (i % 2)}\n' for i, arch in enumerate(whole.archs[:6]))
    )
    assert "resolution" in refused("learn", tmp_path / "sizes.csv")
    assert "images of 32 px, 48 px" in refused("learn", tmp_path / "sizes.csv", "--mixed")
    assert "3 to 30 leave 10 to be judged" in refused("learn", pool, "--sample", 31)
    assert "--repeats: of a --sample only" in refused("learn", pool, "--repeats", 2)
    assert "did you mean 'gp'" in refused("learn", pool, "--predictor", "gpp")
    assert "--out: p.txt does not end in .json" in refused("learn", pool, "--out", "p.txt")
    assert "--plot: p.txt ends neither" in refused("learn", pool, "--plot", "p.txt")
    assert "--budget: 'x' is not a number" in refused("learn", pool, "--budget", "x")
    bad = tmp_path / "bad.json"
    bad.write_text('{"what": "nasfer predictor", "schema": 9}')
    words = ("zennet_r", "--proxy", f"predictor:{bad}")
    assert "schema '9'; this nasfer reads 1" in refused("score", *words)
    assert "schema '9'" in refused("search", "--space", *words)
    assert "cannot be read" in refused("score", "zennet_r", "--proxy", "predictor:nowhere.json")


def test_profile_shows_features(told: Told) -> None:
    code, text, _ = told("profile", "zennet_r", "--features", "--resolution", 48)
    assert code == 0
    assert "log_reach" in text
    assert "params           " in text
    data = json.loads(told("profile", "zennet_r", "--features", "--json")[1])
    rows = {row["feature"]: row for row in data["features"]}
    assert (rows["layers"]["unit"], rows["layers"]["additive"]) == ("layers", True)
