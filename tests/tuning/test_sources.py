"""What may stand as a source of a tuning, and what its limits mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from nasfer.arch import parse_arch
from nasfer.errors import SpecError
from nasfer.space import load_space
from nasfer.tuning.asking.asking import ask
from nasfer.tuning.proposing.drafts import first_trials
from tests.tuning.running import DATA, NET

LONG = NET + "SuperConvK1BNRELU(32,32,1,1)" * 10


def test_a_structure_of_more_than_255_characters_is_a_source() -> None:
    assert len(LONG) > 255
    (spec,) = first_trials(ask([LONG], DATA))
    assert spec.structure == LONG
    with pytest.raises(SpecError, match="position"):
        ask([f"{LONG}Nothing(1)"], DATA)


def test_architectures_texts_and_paths_are_sources(tmp_path: Path) -> None:
    path = tmp_path / "net.txt"
    path.write_text(NET)
    asked = ask([parse_arch(NET), path, "zennet_r"], DATA)
    assert [candidate.source for candidate in asked.candidates] == [
        parse_arch(NET).digest(), "zennet_r",
    ]  # fmt: skip
    assert asked.settings.sources == (NET, str(path), "zennet_r")


def test_none_lifts_the_limit_of_a_space_and_nothing_keeps_it() -> None:
    space = load_space("zennet_m")
    own = space.limits.max_params
    assert own is not None

    def limit(said: str | None) -> int | None:
        return ask(["space:zennet_m"], DATA, max_params=said).budget(space).max_params

    assert limit(None) == own
    assert limit("none") is None
    assert limit("300k") == 300_000


def test_the_papers_recipe_is_one_for_all_candidates() -> None:
    asked = ask(["zennet_m", "zennet_r"], DATA, recipe="paper")
    assert (asked.settings.recipe, asked.recipe.epochs) == ("zennet", 400)
    for sources in (["zennet_m", "emo_net"], ["zennet_m", NET]):
        with pytest.raises(SpecError, match="one recipe trains all candidates"):
            ask(sources, DATA, recipe="paper")


def test_values_and_texts_of_the_recipe_are_the_same() -> None:
    one = ask([NET], DATA, options={"lr": 1e-3, "epochs": 2, "stochastic_depth": None})
    two = ask([NET], DATA, options={"lr": "1e-3", "epochs": "2", "stochastic_depth": "none"})
    assert one.recipe == two.recipe
    assert one.plain()["recipe_values"] == two.plain()["recipe_values"]
