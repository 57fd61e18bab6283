"""Budgets: what a candidate may cost, as users write it and as the search checks it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from nasfer.arch import Arch
from nasfer.costs import Cost, last_map
from nasfer.errors import BudgetError
from nasfer.proxies.deepmad import effectiveness
from nasfer.quantity import format_quantity, parse_quantity
from nasfer.registry import nearest
from nasfer.space import Limits

Unit = Literal["flops", "macs"]


@dataclass(frozen=True, slots=True)
class Budget:
    """Upper limits of a candidate; ``None`` is no limit.

    Args:
        max_flops: as fvcore counts, one image at the search's resolution.
        max_macs: convolution and linear multiply-adds only.
        max_params: trainable parameters.
        max_layers: ZenNAS's count.
        max_rho: DeepMAD's effectiveness.
        min_map, max_map: side of the map that the head reads, in cells, the longer of the two.
    Example:
        >>> str(Budget(max_flops=450_000_000, max_layers=14))
        'flops <= 450M, layers <= 14'
    """

    max_flops: int | None = None
    max_macs: int | None = None
    max_params: int | None = None
    max_layers: int | None = None
    max_rho: float | None = None
    min_map: int | None = None
    max_map: int | None = None

    def __str__(self) -> str:
        limits = [
            f"{field.name[4:]} {'<=' if field.name[:3] == 'max' else '>='}"
            f" {format_quantity(getattr(self, field.name))}"
            for field in dataclasses.fields(self)
            if getattr(self, field.name) is not None
        ]
        return ", ".join(limits) or "no limits"

    def why_not(self, arch: Arch, cost: Cost, resolution: int) -> str | None:
        """Say which limit a candidate breaks, ``None`` if it keeps all.

        Args:
            cost: its cost at this resolution.
            resolution: side of the images, in pixels.
        Example:
            >>> from nasfer.arch import parse_arch
            >>> from nasfer.costs import cost
            >>> stem = parse_arch("SuperConvK3BNRELU(3,8,2,1)")
            >>> Budget(max_params=100).why_not(stem, cost(stem), 224)
            'params: 295 > 100'
        """
        for name in ("flops", "macs", "params", "layers"):
            value, limit = getattr(cost, name), getattr(self, f"max_{name}")
            if limit is not None and value > limit:
                return f"{name}: {format_quantity(value)} > {format_quantity(limit)}"
        if self.max_rho is not None:
            rho = effectiveness(arch)
            if rho > self.max_rho:
                return f"rho: {rho:.3f} > {self.max_rho}"
        if self.min_map is not None or self.max_map is not None:
            side = last_map(arch, resolution)
            if self.min_map is not None and side < self.min_map:
                return f"map: {side} < {self.min_map}"
            if self.max_map is not None and side > self.max_map:
                return f"map: {side} > {self.max_map}"
        return None


def make_budget(
    budget: str | int | None,
    unit: Unit,
    limits: Limits,
    asked: Mapping[str, str | int | float | None],
) -> Budget:
    """Join the main budget, the space's default limits and the limits asked for.

    Args:
        budget: FLOPs or MACs by ``unit``, such as ``450M``; ``None`` or ``none`` is no limit.
        unit: what ``budget`` counts.
        limits: the space's defaults.
        asked: limits by name; ``None`` keeps the default, ``"none"`` lifts it.
    Raises:
        BudgetError: a value is not a quantity.
    Example:
        >>> make_budget("450M", "flops", Limits(max_params=10**6), {"max_params": "none"})
        Budget(max_flops=450000000, max_macs=None, max_params=None, max_layers=None, max_rho=None,
        min_map=None, max_map=None)
    """
    return Budget(**{**limits.model_dump(), **asked_limits(budget, unit, asked)})


def asked_limits(
    budget: str | int | None, unit: Unit, asked: Mapping[str, str | int | float | None]
) -> dict[str, int | float | None]:
    """Return the limits that a user asks for, by name; ``None`` lifts one.

    Args:
        budget: FLOPs or MACs by ``unit``; ``None``: nothing is said, ``"none"``: lifted.
        unit: what ``budget`` counts.
        asked: further limits by name; likewise.
    Raises:
        BudgetError: a value is not a quantity, or there is no such limit.
    Example:
        >>> asked_limits("450M", "macs", {"max_params": "none", "max_layers": None})
        {'max_macs': 450000000, 'max_params': None}
    """
    if unit not in ("flops", "macs"):
        raise BudgetError(f"`budget_unit`: {unit!r} is not flops or macs")
    values: dict[str, int | float | None] = {}
    if budget is not None:
        values[f"max_{unit}"] = _limit(budget, "budget")
    for name, value in asked.items():
        if name not in Budget.__dataclass_fields__:
            known = nearest(name, list(Budget.__dataclass_fields__))
            raise BudgetError(f"`limits`: {name}: unknown limit{known}")
        if value is not None:
            values[name] = _limit(value, name)
    return values


def _limit(value: str | int | float, name: str) -> int | float | None:
    if value == "none":
        return None
    return _positive(value, name) if name == "max_rho" else parse_quantity(value, f"`{name}`")


def _positive(value: str | int | float, name: str) -> float:
    try:
        number = float(value)
    except (ValueError, OverflowError):
        number = 0.0
    if not 0 < number < math.inf:
        raise BudgetError(f"`{name}`: {str(value)[:60]!r} is not a positive number")
    return number
