"""Searching several families: each keeps its share, and the best of each are measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import nasfer
from nasfer.arch import Arch
from nasfer.costs import cost
from nasfer.errors import BudgetError, ProxyError
from nasfer.proxies import PROXIES, Settings, register_proxy
from nasfer.runs.folder import RunFolder
from nasfer.searching import STRATEGIES, Budget, Evaluator, Objective, Progress, prospects
from nasfer.space import Space, load_space

THREE = ("zennet_m", "zennet_r", "emo_net")
SMALL: dict[str, Any] = {"iterations": 1500, "seed": 1, "top": 4, "repeats": 1, "resolution": 48}


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("spaces") / "three.yaml"
    path.write_text(f"families: [{', '.join(THREE)}]\nlimits: {{max_layers: 20}}\n")
    return str(path)


@pytest.fixture(scope="module")
def run(three: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    path = tmp_path_factory.mktemp("runs") / "run"
    return path, nasfer.search(three, "15M", out=path, limits={"max_params": "2.4M"}, **SMALL)


def told(space: Space, count: int, name: str = "evolution") -> Any:
    strategy = STRATEGIES.get(name)(space, seed=0, population=60)
    evaluate = Evaluator(Budget(max_flops=15_000_000), Objective(), Settings(resolution=48))
    for _ in range(count):
        arch = strategy.ask()
        strategy.tell(arch, evaluate(arch))
    return strategy


@pytest.mark.parametrize("name", STRATEGIES.names())
def test_every_family_keeps_its_share_of_the_population(three: str, name: str) -> None:
    space = load_space(three)
    kept = [space.family(arch) for arch, _ in told(space, 600, name).population.best()]
    assert [kept.count(family) for family in THREE] == [20, 20, 20]


def test_every_family_has_a_front(three: str) -> None:
    space = load_space(three)
    members = told(space, 600).front.members()
    assert {space.family(arch) for arch, _ in members} == set(THREE)
    flops = [outcome.flops for _, outcome in members]
    assert flops == sorted(flops)


def test_the_starts_are_asked_for_first_each_once() -> None:
    space = load_space("fer")
    strategy = STRATEGIES.get("evolution")(space, seed=0)
    assert tuple(strategy.ask() for _ in space.starts) == space.starts
    assert strategy.ask() not in space.starts


@pytest.mark.parametrize("asked", range(5))
def test_a_strategy_goes_on_in_the_middle_of_the_starts(three: str, asked: int) -> None:
    space = load_space(three)
    one, restored = told(space, asked), told(space, 0)
    restored.restore(one.state())
    for _ in range(20):
        arch, again = one.ask(), restored.ask()
        assert arch == again
        one.tell(arch, evaluated := Evaluator(Budget(), Objective(), Settings())(arch))
        restored.tell(arch, evaluated)


def test_a_dropped_family_is_not_proposed_and_stays_dropped(three: str) -> None:
    space = load_space(three)
    one, restored = told(space, 300), told(space, 0)
    one.drop("zennet_r")
    restored.restore(one.state())
    for strategy in (one, restored):
        assert strategy.space.families == ("zennet_m", "emo_net")
        assert strategy.feasible_families() <= {"zennet_m", "emo_net"}
        assert all(space.family(strategy.ask()) != "zennet_r" for _ in range(500))


def test_the_best_of_each_family_are_measured_and_ranked(run: Any) -> None:
    _, result = run
    families = [candidate.family for candidate in result.candidates]
    assert sorted(families) == sorted(THREE * 2)  # 4 of 3 families: 2 of each
    assert all(candidate.zen is not None for candidate in result.candidates)
    values = [float(candidate.zen) for candidate in result.candidates]
    assert values == sorted(values, reverse=True)
    assert result.chosen_family == families[0]
    best = result.best_of_families()
    assert {candidate.family for candidate in best} == set(THREE)
    assert best[0] == result.best
    assert not result.missing


def test_the_tables_name_the_families(run: Any) -> None:
    path, result = run
    for name in ("candidates.csv", "front.csv", "families.csv"):
        assert set(pd.read_csv(path / name)["family"]) <= set(THREE), name
    families = pd.read_csv(path / "families.csv")
    assert families["digest"].tolist() == [c.arch.digest() for c in result.best_of_families()]
    assert "| zennet_r " in (path / "families.md").read_text()


def test_a_plain_space_has_no_family_column(tmp_path: Path) -> None:
    result = nasfer.search("zennet_r", "30M", out=tmp_path / "run", **{**SMALL, "top": 0})
    assert result.chosen_family is None
    assert result.family_rows() == []
    assert "family" not in (tmp_path / "run/candidates.csv").read_text().splitlines()[0]
    assert not (tmp_path / "run/families.csv").exists()


@pytest.fixture
def partial() -> Iterator[str]:
    """A proxy that scores no network of super-blocks with depthwise convolutions."""

    @register_proxy("test_partial", unit="", source="test")
    def score_some(arch: Arch, settings: Settings) -> float:
        """Score what has no SuperResIDW."""
        if "SuperResIDW" in str(arch):
            raise ProxyError("partial: no depthwise super-blocks")
        return float(cost(arch, 48).params)

    yield "test_partial"
    del PROXIES._entries["test_partial"]


def test_a_family_that_cannot_be_scored_is_given_up(
    three: str, partial: str, tmp_path: Path
) -> None:
    settings = {**SMALL, "top": 0, "objective": Objective(partial)}
    result = nasfer.search(three, "15M", out=tmp_path / "run", **settings)
    assert result.missing == {"zennet_m": "cannot be scored: partial: no depthwise super-blocks"}
    assert {c.family for c in result.candidates} == {"zennet_r", "emo_net"}
    assert len(result.failures) <= prospects.HOPELESS
    assert result.family_rows()[-1]["note"] == result.missing["zennet_m"]
    assert "partial: no depthwise" in (tmp_path / "run/families.md").read_text()
    again = nasfer.search(three, "15M", out=tmp_path / "run", **settings)
    assert (again.candidates, again.missing) == (result.candidates, result.missing)


def test_a_family_without_a_feasible_member_is_dropped_and_named(
    three: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prospects, "PATIENCE", 1000)
    few = {"max_params": "100k"}  # emo_net's last convolution alone has more, unless it is narrow
    result = nasfer.search(three, "15M", limits=few, **{**SMALL, "top": 0})
    assert "zennet_r" in {candidate.family for candidate in result.candidates}
    assert "emo_net" in result.missing
    reason = result.missing["emo_net"]
    assert reason.startswith("none found within flops <= 15M, params <= 100k, layers <= 20; near")
    assert " > 100k" in reason


def test_an_infeasible_budget_names_the_smallest_of_all_families(three: str) -> None:
    with pytest.raises(BudgetError, match=r"smallest found: .* \(flops: .* > 1k\)"):
        nasfer.search(three, "1K", iterations=500, seed=0)


def test_a_space_of_which_nothing_can_be_scored_stops_soon(partial: str, tmp_path: Path) -> None:
    settings = {"iterations": 10**6, "seed": 0, "objective": Objective(partial)}
    with pytest.raises(ProxyError, match="no depthwise"):  # the start is not within this budget
        nasfer.search("zennet_m", "150M", out=tmp_path / "run", **settings)
    ledger = (tmp_path / "run" / "ledger.jsonl").read_text().splitlines()
    assert len(ledger) == prospects.HOPELESS


def test_an_interrupted_search_goes_on_to_the_same_result(
    three: str, partial: str, tmp_path: Path
) -> None:
    settings = {**SMALL, "top": 0, "objective": Objective(partial)}  # one family is dropped
    nasfer.search(three, "15M", out=tmp_path / "undisturbed", **settings)

    def stop(progress: Progress) -> None:
        if progress.stage == "propose":
            raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            nasfer.search(three, "15M", out=tmp_path / "stopped", watch=stop, **settings)
    nasfer.search(three, "15M", out=tmp_path / "stopped", **settings)
    for name in ("candidates.csv", "families.csv", "front.csv"):
        wanted = (tmp_path / "undisturbed" / name).read_text()
        assert (tmp_path / "stopped" / name).read_text() == wanted, name
    states = [RunFolder.read_state(_opened(tmp_path / run)) for run in ("undisturbed", "stopped")]
    assert states[0] == states[1]


def _opened(path: Path) -> RunFolder:
    import yaml

    return RunFolder(
        path, yaml.safe_load((path / "run.yaml").read_text())["settings"], {}, kind="search"
    )


@pytest.fixture(scope="module")
def fer() -> Any:
    settings = {"iterations": 1200, "seed": 0, "top": 0, "objective": Objective("params")}
    return nasfer.search("fer", "1.5G", limits={"max_params": "13M"}, resolution=48, **settings)


@pytest.mark.parametrize("family", load_space("fer").families)
def test_fer_finds_the_best_of_each_family(family: str, fer: Any) -> None:
    assert not fer.missing
    (candidate,) = [c for c in fer.candidates if c.family == family]
    assert load_space(family).contains(candidate.arch)
    assert candidate.cost.flops <= 1_500_000_000
    assert candidate.cost.params <= 13_000_000
    assert candidate.cost.layers <= 20
    assert any(c.family == family for c in fer.front)
