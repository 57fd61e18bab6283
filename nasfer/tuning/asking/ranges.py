"""Ranges of recipe values, as users write them: ``lr=loguniform(1e-4,1e-1)``.

A range is a distribution of Optuna's, whoever draws from it.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from nasfer.arch.text import shorten
from nasfer.errors import SpecError
from nasfer.registry import nearest
from nasfer.training.recipe import Recipe

Range = FloatDistribution | IntDistribution | CategoricalDistribution
"""The values that one field of the recipe may take; both ends of numbers belong to them."""

FORMS = ("uniform", "loguniform", "randint", "choice")
CALL = re.compile(r"([a-z]+)\((.*)\)")


def parse_search(pairs: Sequence[str]) -> dict[str, str]:
    """Split ``name=range`` pairs.

    Raises:
        SpecError: a pair is none, or a name stands there twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        name = name.strip().replace("-", "_")
        if not sign or not name:
            raise SpecError(
                f"`search`: {pair!r} is not name=range, such as lr=loguniform(1e-4,1e-1)"
            )
        if name in found:
            raise SpecError(f"`search`: {name} stands there twice")
        found[name] = text.strip()
    return found


def parse_ranges(texts: Mapping[str, str], recipe: Recipe) -> dict[str, Range]:
    """Read ranges; their ends, or all choices, must be values that the recipe takes.

    Raises:
        SpecError: ```search`: lr: ...``, one line.
    Example:
        >>> parse_ranges({"lr": "loguniform(1e-4, 1e-1)"}, Recipe())
        {'lr': FloatDistribution(high=0.1, log=True, low=0.0001, step=None)}
        >>> parse_ranges({"lr": "lognormal(0, 1)"}, Recipe())
        Traceback (most recent call last):
        nasfer.errors.SpecError: `search`: lr: 'lognormal(0, 1)' is none of uniform(LOW,HIGH), ...
    """
    ranges = {}
    for name, text in texts.items():
        if name not in Recipe.model_fields:
            known = nearest(name, list(Recipe.model_fields))
            raise SpecError(f"`search`: {name}: unknown option{known}")
        if name == "epochs":
            raise SpecError("`search`: epochs: cannot be searched; accuracies would not compare")
        found = parse_range(name, text)
        ends = found.choices if isinstance(found, CategoricalDistribution) else _ends(found)
        for value in ends:
            recipe.with_options({name: str(value)}, "`search`")
        ranges[name] = found
    return ranges


def parse_range(name: str, text: str) -> Range:
    """Read one range."""
    where = f"`search`: {name}: {shorten(text)}"
    called = CALL.fullmatch(text)
    if called is None or called[1] not in FORMS:
        raise SpecError(
            f"{where} is none of uniform(LOW,HIGH), loguniform(LOW,HIGH), randint(LOW,HIGH),"
            " choice(A,B,...)"
        )
    form, parts = called[1], [part.strip() for part in called[2].split(",")]
    if "" in parts:
        raise SpecError(f"{where}: an empty value")
    if form == "choice":
        if len(set(parts)) < len(parts):
            raise SpecError(f"{where}: a choice stands there twice")
        return CategoricalDistribution(parts)
    try:
        ends = [(int if form == "randint" else float)(part) for part in parts]
    except (ValueError, OverflowError):
        kind = "whole numbers" if form == "randint" else "numbers"
        raise SpecError(f"{where}: the ends are not {kind}") from None
    if len(ends) != 2 or not all(abs(end) < 1e300 for end in ends) or not ends[0] < ends[1]:
        raise SpecError(f"{where}: two finite ends are needed, the lower first")
    low, high = ends
    if form == "loguniform" and low <= 0:
        raise SpecError(f"{where}: the lower end of a logarithm is over 0")
    if form == "randint":
        return IntDistribution(int(low), int(high))
    return FloatDistribution(low, high, log=form == "loguniform")


def _ends(found: FloatDistribution | IntDistribution) -> tuple[float, float]:
    return found.low, found.high


def draw(found: Range, rng: random.Random) -> Any:
    """Return a random value of a range.

    Example:
        >>> draw(IntDistribution(1, 3), random.Random(0)) in (1, 2, 3)
        True
    """
    if isinstance(found, CategoricalDistribution):
        return rng.choice(found.choices)
    if isinstance(found, IntDistribution):
        return rng.randint(found.low, found.high)
    if found.log:
        return math.exp(rng.uniform(math.log(found.low), math.log(found.high)))
    return rng.uniform(found.low, found.high)


def within(found: Range, value: Any) -> Any:
    """Return a value moved back into its range; a choice as it is.

    Example:
        >>> within(FloatDistribution(0.1, 1.0), 1.2), within(IntDistribution(1, 9), 4.8)
        (1.0, 4)
    """
    if isinstance(found, CategoricalDistribution):
        return value
    kind = int if isinstance(found, IntDistribution) else float
    return kind(min(found.high, max(found.low, value)))
