"""A search by a predictor: as scored one by one, its file part of the settings, warned of once."""

from __future__ import annotations

import random
import warnings
from pathlib import Path

import pytest

from nasfer import search
from nasfer.errors import NasferWarning, ProxyError, RunFolderError
from nasfer.predictors import fit, load_predictor, save_predictor
from nasfer.proxies import PROXIES, Settings, score
from nasfer.searching import Budget, Evaluator, Objective
from nasfer.space import load_space
from tests.predictors.trained import PX, pool_of

SPACE = """
description: chains of inverted residuals
start: ConvK3BN(3,16,1)MBConvE2K3(16,24,2,1)MBConvE2K3(24,32,2,1)MBConvE2K3(32,48,2,1)
fixed: [first]
moves:
  MBConv:
    kernel: {choices: [3, 5]}
    expansion: {choices: [2, 4]}
    repeats: {step: [-1, 1], max: 4}
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("learnt") / "predictor.json"
    save_predictor(fit(pool_of(30), "gp"), path)
    return path


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("space") / "mine.yaml"
    path.write_text(SPACE)
    return path


def test_many_at_once_are_scored_as_each_alone(file: Path, space: Path) -> None:
    rng, members = random.Random(0), load_space(str(space))
    archs = [members.sample(rng=rng) for _ in range(40)]
    budget = Budget(max_flops=5_000_000)
    for objective in (
        Objective(f"predictor:{file}"),
        Objective(f"predictor:{file}", weight=2.0, deepmad_weight=1.0),
        Objective("flops"),
    ):
        evaluate = Evaluator(budget, objective, Settings(resolution=PX))
        together = evaluate.many(archs)
        for arch, outcome in zip(archs, together):
            alone = evaluate(arch)
            assert not isinstance(outcome, ProxyError)
            assert outcome == pytest.approx(alone, rel=1e-9)
        assert 0 < sum(not outcome[0] for outcome in together) < len(archs)  # type: ignore[index]
    predictor = load_predictor(file)
    told = score(archs[0], f"predictor:{file}", resolution=PX)
    assert float(told) == pytest.approx(predictor.means(archs[:1])[0])


def test_what_a_search_finds_is_predicted_best(file: Path, space: Path) -> None:
    found = search(
        space, "6M", proxy=f"predictor:{file}", resolution=PX, iterations=1_500, top=0, seed=1,
        population=64,
    )  # fmt: skip
    rng, members = random.Random(0), load_space(str(space))
    drawn = [arch for arch in (members.sample(rng=rng) for _ in range(200))]
    evaluate = Evaluator(
        Budget(max_flops=6_000_000), Objective(f"predictor:{file}"), Settings(resolution=PX)
    )
    best = max(outcome.value for outcome in map(evaluate, drawn) if not outcome.slack)
    assert found.best.value >= best
    assert found.best.cost.flops <= 6_000_000


def test_a_search_goes_on_with_the_same_file_alone(file: Path, space: Path, tmp_path: Path) -> None:
    own = tmp_path / "predictor.json"
    own.write_bytes(file.read_bytes())

    def run(iterations: int = 300) -> str:
        found = search(
            space, "6M", proxy=f"predictor:{own}", resolution=PX, iterations=iterations, top=0,
            population=16, out=tmp_path / "run",
        )  # fmt: skip
        return str(found.best.arch)

    first = run()
    assert f"proxy_digest: {load_predictor(own).digest}" in (tmp_path / "run/run.yaml").read_text()
    assert run() == first
    save_predictor(fit(pool_of(31), "gp"), own)
    with pytest.raises(RunFolderError, match="proxy_digest"):
        run()


@pytest.mark.parametrize("shorter", [50, 250])
def test_a_search_that_is_extended_is_the_longer_search(
    file: Path, space: Path, tmp_path: Path, shorter: int
) -> None:
    """Also where the shorter one ended within a batch; and a finished one is read as it is."""

    def run(name: str, iterations: int) -> list[tuple[str, float]]:
        found = search(
            space, "6M", proxy=f"predictor:{file}", resolution=PX, iterations=iterations, top=0,
            population=16, out=tmp_path / name,
        )  # fmt: skip
        return [(str(one.arch), one.value) for one in (*found.candidates, *found.front)]

    first = run("extended", shorter)
    assert run("extended", shorter) == first
    assert run("extended", 420) == run("whole", 420)


def test_images_of_another_size_are_refused_before_the_search(file: Path, space: Path) -> None:
    with pytest.raises(ProxyError, match=r"`resolution`: 48 px; .* was learnt at 32 px"):
        search(space, proxy=f"predictor:{file}", resolution=48, iterations=10)
    with pytest.raises(ProxyError, match="`resolution`: 224 px"):
        score(load_space(str(space)).start, f"predictor:{file}")


def test_networks_far_outside_are_warned_of_once(file: Path) -> None:
    with pytest.warns(NasferWarning, match="is far outside the 30 networks of mine") as caught:
        search("zennet_r", proxy=f"predictor:{file}", resolution=PX, iterations=400, top=0)
    assert len(caught) == 1
    proxy = f"predictor:{file}"
    inside = pool_of(30).archs[0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert PROXIES.get(proxy).function(inside, Settings(resolution=PX)) > 50
