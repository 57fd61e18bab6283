"""Strategies keep their contract; populations keep the best."""

from __future__ import annotations

import random

import pytest

from nasfer.errors import DuplicateNameError
from nasfer.searching import STRATEGIES, Outcome, Population, register_strategy
from nasfer.space import list_spaces, load_space
from nasfer.testing import check_strategy


@pytest.mark.parametrize("space", list_spaces())
@pytest.mark.parametrize("name", STRATEGIES.names())
def test_strategies_keep_their_contract(name: str, space: str) -> None:
    check_strategy(name, load_space(space))


def test_a_taken_name_is_refused() -> None:
    with pytest.raises(DuplicateNameError, match="strategy 'evolution'"):
        register_strategy("evolution")(STRATEGIES.get("random"))


def test_a_population_keeps_what_sorting_keeps() -> None:
    space, rng = load_space("zennet_m"), random.Random(0)
    population = Population(space, size=20, per_skeleton=10**6)
    told = {}
    for _ in range(400):
        arch = space.sample(rng=rng)
        slack = rng.choice([0.0, 0.0, -rng.random()])
        outcome = told.setdefault(arch, Outcome(slack, rng.random() if not slack else 0.0, 1))
        population.add(arch, outcome)
    wanted = sorted(told.items(), key=lambda item: item[1], reverse=True)[:20]
    assert [outcome for _, outcome in population.best()] == [outcome for _, outcome in wanted]


def test_a_population_holds_few_of_one_skeleton() -> None:
    space, rng = load_space("zennet_m"), random.Random(0)
    population = Population(space, size=30, per_skeleton=2)
    for _ in range(1500):
        population.add(space.nudge(space.start, rng=rng), Outcome(0.0, rng.random(), 1))
    skeletons = [space.skeleton(arch) for arch, _ in population.best()]
    assert max(skeletons.count(skeleton) for skeleton in skeletons) == 2


def test_feasible_beats_infeasible_and_less_excess_beats_more() -> None:
    assert Outcome(0.0, -5.0, 1) > Outcome(-0.1, 0.0, 1) > Outcome(-0.2, 0.0, 1)
