"""``nasfer.search``: each option arrives in the settings under its own name."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import Any

import pytest

import nasfer
from nasfer.api import searching
from nasfer.searching import SearchSettings
from nasfer.searching.budget import Budget

GIVEN: dict[str, Any] = {
    "strategy": "random", "iterations": 7, "population": 3, "seed": 5, "resolution": 48, "batch": 4,
    "top": 2, "repeats": 9, "proxy_resolution": 32, "proxy_batch": 6,
}  # fmt: skip
LIMITS = {"max_params": 1001, "max_layers": 12, "max_flops": 13_000_000, "max_macs": 14_000_000,
          "max_rho": 0.5, "min_map": 3, "max_map": 12}  # fmt: skip


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[SearchSettings]:
    """Collect the settings that a search would begin with."""
    seen: list[SearchSettings] = []
    monkeypatch.setattr(
        searching, "run_search", lambda space, settings, *rest: seen.append(settings)
    )
    return seen


def test_every_field_of_the_settings_is_an_option_and_arrives(asked: list[SearchSettings]) -> None:
    own = {"space", "space_digest", "budget", "objective", "data", "device", "proxy_digest"}
    assert GIVEN.keys() == {field.name for field in fields(SearchSettings)} - own
    assert LIMITS.keys() == {field.name for field in fields(Budget)}
    assert (GIVEN | LIMITS).keys() <= inspect.signature(nasfer.search).parameters.keys()
    nasfer.search("zennet_r", **GIVEN, **LIMITS, proxy_weight=2.0, depth_penalty=3.0)
    (settings,) = asked
    assert {name: getattr(settings, name) for name in GIVEN} == GIVEN
    assert settings.budget == Budget(**LIMITS)
    assert (settings.space, settings.objective.weight) == ("zennet_r", 2.0)
    assert settings.objective.depth_penalty == 3.0


def test_what_is_not_given_is_the_spaces_or_the_settings_own(asked: list[SearchSettings]) -> None:
    nasfer.search("zennet_m", limits={"max_layers": 9}, max_params="none")
    nasfer.search("amp_net")
    nasfer.search("amp_net", proxy="flops")
    default, spaces, others = asked
    plain = SearchSettings("zennet_m", default.space_digest, Budget(max_layers=9))
    assert default == plain
    scoring = searching.load_space("amp_net").scoring
    assert spaces.iterations == scoring.iterations != plain.iterations
    assert others.iterations == plain.iterations  # they hold for the space's own proxy
