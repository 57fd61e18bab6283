"""Runs that are extended: which settings say how far a run goes, and that these only grow.

All other settings identify a run: its states carry a digest of them alone, so that a state still
holds when the run goes further.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nasfer.runs.seal import digest_of

REACH: Mapping[str, tuple[str, ...]] = {
    "search": ("iterations", "top"),
    "train": ("recipe_epochs",),
    "trial": ("recipe_epochs",),
    "tune": ("sources", "top", "trials", "seeds", "options.epochs", "recipe_values.epochs"),
}
"""By kind of run the settings that may grow; ``options.epochs`` is ``epochs`` of ``options``."""

DIGITS = 18
"""Of a number that is compared; all that are allowed have fewer."""


@dataclass(frozen=True, slots=True)
class Step:
    """A setting that grows.

    Args:
        name: what people call it.
        there: its value in the folder.
        asked: the larger one.
    Example:
        >>> str(Step("epochs", 6, 10)), str(Step("sources", ["a"], ["a", "b"]))
        ('epochs 6 to 10', 'sources 1 to 2')
    """

    name: str
    there: Any
    asked: Any

    def __str__(self) -> str:
        sizes = (len(x) if isinstance(x, list) else x for x in (self.there, self.asked))
        return "{} {} to {}".format(self.name, *sizes)

    def entry(self) -> dict[str, Any]:
        """Return plain data for ``run.yaml``, which shares nothing with the settings there.

        Example:
            >>> Step("epochs", 6, 10).entry()
            {'epochs': 6, 'to': 10}
        """
        return deepcopy({self.name: self.there, "to": self.asked})


def identifying(kind: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that identify a run, without those that say how far it goes.

    Example:
        >>> identifying("tune", {"seeds": 1, "data": "a", "options": {"epochs": "3", "lr": "1"}})
        {'data': 'a', 'options': {'lr': '1'}}
    """
    found = dict(settings)
    for name in REACH[kind]:
        outer, _, inner = name.partition(".")
        if inner and isinstance(found.get(outer), Mapping):
            found[outer] = {key: value for key, value in found[outer].items() if key != inner}
        elif not inner:
            found.pop(name, None)
    return found


def steps(kind: str, there: Mapping[str, Any], asked: Mapping[str, Any]) -> tuple[Step, ...]:
    """Return how a run grows; nothing where it is asked to go as far as it does.

    Args:
        there: settings of the folder.
        asked: settings that identify the same run.
    Raises:
        ValueError: it would shrink; the message says in what.
    Example:
        >>> steps("search", {"iterations": 5, "top": 1}, {"iterations": 9, "top": 1})
        (Step(name='iterations', there=5, asked=9),)
        >>> steps("search", {"iterations": 9}, {"iterations": 5})
        Traceback (most recent call last):
        ValueError: iterations = 9, asked for iterations = 5; it can only be extended
    """
    found: dict[str, Step] = {}
    for name in REACH[kind]:
        before, after = _value(there, name), _value(asked, name)
        step = Step(_shown(name), before, after)
        if _grows(before, after):
            found[step.name] = step
        elif before != after and not _same(before, after):
            raise ValueError(
                f"{step.name} = {before}, asked for {step.name} = {after}; it can only be extended"
            )
    return tuple(found.values())


def grown(kind: str, there: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a folder, as far as it is asked to go.

    Example:
        >>> grown("train", {"seed": 0, "recipe_epochs": 6}, {"seed": 0, "recipe_epochs": 10})
        {'seed': 0, 'recipe_epochs': 10}
    """
    found = dict(there)
    for name in REACH[kind]:
        outer, _, inner = name.partition(".")
        value = _value(asked, name)
        if inner and isinstance(found.get(outer), Mapping) and value is not None:
            found[outer] = {**found[outer], inner: value}
        elif not inner and name in asked:
            found[name] = value
    return found


def told(path: Path, growth: Iterable[Step]) -> str:
    """Return the line that says how a run is extended.

    Example:
        >>> told(Path("runs/a"), [Step("epochs", 6, 10)])
        'runs/a: extended: epochs 6 to 10'
    """
    return f"{path}: extended: {', '.join(map(str, growth))}"


def had(name: str, settings: Mapping[str, Any], extended: Iterable[Mapping[str, Any]]) -> list[Any]:
    """Return what a setting has been, oldest first.

    Args:
        extended: the entries of ``run.yaml``, oldest first.
    Example:
        >>> extended = [{"epochs": 3, "to": 6}, {"epochs": 6, "to": 10}]
        >>> had("recipe_epochs", {"recipe_epochs": 10}, extended)
        [3, 6, 10]
    """
    before = [entry[_shown(name)] for entry in extended if _shown(name) in entry]
    return [*before, _value(settings, name)]


def digests(
    kind: str, settings: Mapping[str, Any], extended: Sequence[Mapping[str, Any]]
) -> tuple[str, ...]:
    """Return the digests that a state of a run may carry, the one that is written first.

    It is of what identifies the run; older versions took all settings, as they were then.
    """
    names = [name for name in REACH[kind] if name in settings]
    began = {**settings, **{name: had(name, settings, extended)[0] for name in names}}
    return tuple(map(digest_of, (identifying(kind, settings), settings, began)))


def _shown(name: str) -> str:
    return name.rpartition(".")[2].removeprefix("recipe_")


def _value(settings: Mapping[str, Any], name: str) -> Any:
    outer, _, inner = name.partition(".")
    value = settings.get(outer)
    return value.get(inner) if inner and isinstance(value, Mapping) else value


def _grows(there: Any, asked: Any) -> bool:
    if isinstance(there, list) and isinstance(asked, list):
        return not _same(there, asked) and all(one in asked for one in there)
    before, after = _number(there), _number(asked)
    return before is not None and after is not None and before < after


def _same(there: Any, asked: Any) -> bool:
    """Whether these are the same sources in another order."""
    both = isinstance(there, list) and isinstance(asked, list)
    return both and sorted(map(str, there)) == sorted(map(str, asked))


def _number(value: Any) -> int | None:
    """Return a whole number, or one written as text (a recipe's option)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = value if isinstance(value, str) and len(value) <= DIGITS else ""
    return int(text) if text.isascii() and text.isdigit() else None
