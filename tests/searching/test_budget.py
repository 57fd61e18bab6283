"""Budgets say what they limit and in which unit."""

from __future__ import annotations

import pytest

from nasfer.costs import cost
from nasfer.errors import BudgetError
from nasfer.presets import load_arch
from nasfer.proxies.deepmad import effectiveness
from nasfer.quantity import parse_quantity
from nasfer.searching import Budget, make_budget
from nasfer.space import Limits


@pytest.mark.parametrize(
    ("text", "value"),
    [("450M", 450_000_000), ("1.5G", 1_500_000_000), ("320k", 320_000), ("14", 14), ("1e6", 10**6)],
)
def test_quantities_read_as_users_write_them(text: str, value: int) -> None:
    assert parse_quantity(text, "x") == value


@pytest.mark.parametrize("text", ["450Q", "", "M", "-3", "0", "nan", "1,000", "4 50M", True])
def test_anything_else_is_an_error_that_names_the_option(text: str) -> None:
    with pytest.raises(BudgetError, match="`budget`: "):
        parse_quantity(text, "`budget`")


def test_flags_override_the_spaces_defaults_and_none_lifts_them() -> None:
    limits = Limits(max_params=10**6, max_layers=14)
    kept = make_budget("450M", "flops", limits, {"max_layers": "10"})
    assert kept == Budget(max_flops=450_000_000, max_params=10**6, max_layers=10)
    lifted = make_budget("none", "flops", limits, {"max_params": "none", "max_layers": "none"})
    assert lifted == Budget()


def test_the_budget_can_count_macs() -> None:
    assert make_budget("450M", "macs", Limits(), {}) == Budget(max_macs=450_000_000)
    with pytest.raises(BudgetError, match="`budget_unit`"):
        make_budget("450M", "ops", Limits(), {})  # type: ignore[arg-type]


def test_rho_limits_depth_over_width() -> None:
    arch = load_arch("zennet_m")
    assert Budget(max_rho=0.5).why_not(arch, cost(arch), 224) == "rho: 0.903 > 0.5"
    assert Budget(max_rho=1.0).why_not(arch, cost(arch), 224) is None
    with pytest.raises(BudgetError, match="`max_rho`"):
        make_budget(None, "flops", Limits(), {"max_rho": "x"})


def test_published_effectiveness_is_reproduced() -> None:
    assert round(effectiveness(load_arch("zennet_m")), 2) == 0.90
    assert round(effectiveness(load_arch("zennet_r")), 2) == 0.62
