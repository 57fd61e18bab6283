"""The search as a whole: same seed same result, also after kill -9."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import nasfer
from nasfer.arch import Arch
from nasfer.costs import cost
from nasfer.errors import BudgetError, ProxyError, RunFolderError
from nasfer.proxies import PROXIES, Settings, register_proxy, score
from nasfer.runs.folder import RunFolder

SMALL: dict[str, Any] = {"iterations": 3000, "seed": 1, "top": 3, "repeats": 2, "resolution": 48}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    path = tmp_path_factory.mktemp("runs") / "run"
    return path, nasfer.search("zennet_r", "30M", out=path, **SMALL)


def test_candidates_keep_the_budget_and_are_ranked_by_measured_means(run: Any) -> None:
    _, result = run
    assert len(result.candidates) == 3
    for candidate in result.candidates:
        full = cost(candidate.arch, 48)
        assert full.flops <= 30_000_000
        assert full.layers <= 10
        assert candidate.cost == full
    means = [float(candidate.zen) for candidate in result.candidates]
    assert means == sorted(means, reverse=True)


def test_the_tables_score_is_what_the_score_function_says(run: Any) -> None:
    _, result = run
    again = score(result.best.arch, "zen", repeats=2, resolution=48)
    assert again.draws == pytest.approx(result.best.zen.draws, abs=1e-4)


def test_the_folder_holds_what_the_readme_says(run: Any) -> None:
    path, result = run
    names = "run.yaml ledger.jsonl candidates.csv best.yaml best_structure.txt front.csv front.md"
    for name in [*names.split(), "front.png"]:
        assert (path / name).stat().st_size > 0, name
    assert nasfer.load_arch(path / "best.yaml") == result.best.arch
    assert nasfer.load_arch(path / "best_structure.txt") == result.best.arch
    header = (path / "candidates.csv").read_text().splitlines()[0]
    assert header == (
        "rank,digest,zen_mean,zen_std,zen_closed_form,flops,macs,params,layers,resolution,structure"
    )


def test_a_finished_run_is_reported_and_not_redone(run: Any) -> None:
    path, result = run
    before = {file.name: file.stat().st_mtime_ns for file in path.iterdir()}
    again = nasfer.search("zennet_r", "30M", out=path, **SMALL)
    assert [c.arch for c in again.candidates] == [c.arch for c in result.candidates]
    after = {file.name: file.stat().st_mtime_ns for file in path.iterdir()}
    assert after.keys() == before.keys()
    assert [name for name in after if after[name] != before[name]] == [".lock"]


def test_other_settings_on_a_folder_are_an_error(run: Any) -> None:
    path, _ = run
    with pytest.raises(RunFolderError, match="seed = 1, asked for seed = 2"):
        nasfer.search("zennet_r", "30M", out=path, **{**SMALL, "seed": 2})


def test_the_front_is_not_dominated_and_keeps_the_budget(run: Any) -> None:
    _, result = run
    flops = [candidate.cost.flops for candidate in result.front]
    assert flops == sorted(flops)
    assert flops[-1] <= 30_000_000
    assert len(flops) > 3


def test_an_infeasible_budget_names_the_smallest_member(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BudgetError) as raised:
        nasfer.search("zennet_m", "1K", iterations=20_000, seed=0)
    message = str(raised.value)
    assert "within flops <= 1k, params <= 1M, layers <= 14" in message
    assert "smallest found: 7.427M FLOPs" in message
    assert "\n" not in message


KILLED = """
import sys, nasfer
nasfer.search("zennet_r", "446M", iterations=60000, seed=3, top=2, repeats=1, resolution=32,
              out=sys.argv[1])
"""


@pytest.mark.timeout(300)
def test_a_killed_search_goes_on_to_the_same_ranking(tmp_path: Path) -> None:
    def start(folder: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / folder)])

    assert start("undisturbed").wait() == 0
    kills = 0
    for _ in range(20):
        process = start("killed")
        deadline = time.monotonic() + 60
        state = tmp_path / "killed" / "state.json"
        before = state.stat().st_mtime_ns if state.exists() else 0
        while process.poll() is None and time.monotonic() < deadline:
            if state.exists() and state.stat().st_mtime_ns != before and kills < 2:
                process.send_signal(signal.SIGKILL)
                kills += 1
            time.sleep(0.02)
        if process.wait() == 0:
            break
    assert kills >= 1
    wanted = (tmp_path / "undisturbed" / "candidates.csv").read_text()
    assert (tmp_path / "killed" / "candidates.csv").read_text() == wanted
    front = (tmp_path / "undisturbed" / "front.csv").read_text()
    assert (tmp_path / "killed" / "front.csv").read_text() == front


def test_ctrl_c_saves_the_state(tmp_path: Path) -> None:
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    process = subprocess.Popen(  # a shell's background jobs are deaf to SIGINT, and so are theirs
        [sys.executable, "-c", heard + KILLED, str(tmp_path / "run")]
    )
    while not (tmp_path / "run" / "run.yaml").exists():
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) != 0
    state = RunFolder.read_state(_opened(tmp_path / "run"))
    assert state is not None
    assert state["done"] > 0


def _opened(path: Path) -> RunFolder:
    import yaml

    return RunFolder(
        path, yaml.safe_load((path / "run.yaml").read_text())["settings"], {}, kind="search"
    )


def test_a_failed_measurement_is_recorded_and_never_ranked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nasfer.searching import candidates

    calls = iter(range(100))
    original = candidates.score

    def sometimes(arch: Any, proxy: str, **settings: Any) -> Any:
        if proxy == "zen" and next(calls) == 0:
            raise ProxyError("zen: made to fail")
        return original(arch, proxy, **settings)

    monkeypatch.setattr(candidates, "score", sometimes)
    result = nasfer.search("zennet_r", "30M", out=tmp_path / "run", **SMALL)
    assert len(result.candidates) == 2
    assert [failure["error"] for failure in result.failures] == ["zen: made to fail"]
    assert result.failures[0]["digest"] not in [c.arch.digest() for c in result.candidates]


def test_random_sampling_is_a_baseline_that_evolution_beats() -> None:
    settings = {"iterations": 4000, "seed": 0, "top": 0}
    random_best = nasfer.search("zennet_m", "450M", strategy="random", **settings).best
    evolved = nasfer.search("zennet_m", "450M", strategy="evolution", **settings).best
    assert evolved.value > random_best.value + 1


@pytest.fixture
def fussy() -> Iterator[str]:
    """A proxy that scores odd digests only; the start of zennet_r has one."""

    @register_proxy("test_fussy", unit="", source="test")
    def score_odd(arch: Arch, settings: Settings) -> float:
        """Score odd digests only."""
        if int(arch.digest(), 16) % 2 == 0:
            raise ProxyError("fussy: an even digest")
        return 1.0

    yield "test_fussy"
    del PROXIES._entries["test_fussy"]


def test_a_proposal_that_cannot_be_scored_is_recorded_as_failed(fussy: str, tmp_path: Path) -> None:
    settings = {"iterations": 300, "seed": 0, "top": 0, "proxy": fussy}
    result = nasfer.search("zennet_r", "446M", out=tmp_path / "run", **settings)
    assert all(int(c.arch.digest(), 16) % 2 for c in [*result.candidates, *result.front])
    assert {failure["error"] for failure in result.failures} == {"fussy: an even digest"}
    again = nasfer.search("zennet_r", "446M", out=tmp_path / "run", **settings)
    assert [c.arch for c in again.candidates] == [c.arch for c in result.candidates]


def test_a_space_of_which_nothing_can_be_scored_ends_with_that_error() -> None:
    with pytest.raises(ProxyError, match="deepmad: AMPHead goes on"):
        nasfer.search("amp_net", "5G", iterations=300, seed=0, proxy="deepmad")
