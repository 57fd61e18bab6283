"""Ranges of recipe values, as users write them: ``lr=loguniform(1e-4,1e-1)``."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nasfer.errors import SpecError
from nasfer.registry import nearest
from nasfer.training.recipe import Recipe

FORMS = ("uniform", "loguniform", "randint", "choice")
CALL = re.compile(r"([a-z]+)\((.*)\)")


@dataclass(frozen=True, slots=True)
class Range:
    """The values that one field of the recipe may take.

    Args:
        form: ``uniform`` or ``loguniform`` between two numbers, ``randint`` from the first whole
            number to the last, both drawn, or ``choice`` of several texts.
        values: the two ends, or the choices.
    """

    form: str
    values: tuple[Any, ...]

    def draw(self, rng: random.Random) -> Any:
        """Return a random value."""
        low, high = self.values[0], self.values[-1]
        match self.form:
            case "uniform":
                return rng.uniform(low, high)
            case "loguniform":
                return math.exp(rng.uniform(math.log(low), math.log(high)))
            case "randint":
                return rng.randint(low, high)
            case _:
                return rng.choice(self.values)


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
                f"--search: {pair!r} is not name=range, such as lr=loguniform(1e-4,1e-1)"
            )
        if name in found:
            raise SpecError(f"--search: {name} stands there twice")
        found[name] = text.strip()
    return found


def parse_ranges(texts: Mapping[str, str], recipe: Recipe) -> dict[str, Range]:
    """Read ranges; their ends, or all choices, must be values that the recipe takes.

    Raises:
        SpecError: ``--search: lr: ...``, one line.
    Example:
        >>> parse_ranges({"lr": "loguniform(1e-4, 1e-1)"}, Recipe())["lr"].values
        (0.0001, 0.1)
        >>> parse_ranges({"lr": "lognormal(0, 1)"}, Recipe())
        Traceback (most recent call last):
        nasfer.errors.SpecError: --search: lr: 'lognormal(0, 1)' is none of uniform(LOW,HIGH), ...
    """
    ranges = {}
    for name, text in texts.items():
        if name not in Recipe.model_fields:
            known = nearest(name, list(Recipe.model_fields))
            raise SpecError(f"--search: {name}: unknown option{known}")
        if name == "epochs":
            raise SpecError("--search: epochs: cannot be searched; accuracies would not compare")
        found = parse_range(name, text)
        for value in found.values:
            recipe.with_options({name: str(value)}, "--search")
        ranges[name] = found
    return ranges


def parse_range(name: str, text: str) -> Range:
    """Read one range."""
    where = f"--search: {name}: {text!r}"
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
        return Range(form, tuple(parts))
    try:
        ends = tuple((int if form == "randint" else float)(part) for part in parts)
    except ValueError:
        kind = "whole numbers" if form == "randint" else "numbers"
        raise SpecError(f"{where}: the ends are not {kind}") from None
    if len(ends) != 2 or not all(map(math.isfinite, ends)) or not ends[0] < ends[1]:
        raise SpecError(f"{where}: two finite ends are needed, the lower first")
    if form == "loguniform" and ends[0] <= 0:
        raise SpecError(f"{where}: the lower end of a logarithm is over 0")
    return Range(form, ends)
