"""What a feature is, and the table of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nasfer.arch.block import BLOCKS
from nasfer.errors import UnknownNameError
from nasfer.features.facts import Facts
from nasfer.registry import Registry, nearest

SCHEMA = 1
"""Of the features' definitions: a predictor's file that was made with others is refused."""

Group = Literal["aggregates", "sizes", "places", "sums", "kinds"]


@dataclass(frozen=True, slots=True)
class Feature:
    """A number read off an architecture, computed for many at once.

    Args:
        name: registry key.
        group: features of one group are of one nature, and scaled together by predictors.
        unit: of the value.
        summary: what it is, in a line.
        compute: facts of ``n`` networks to ``(n,)`` values.
        additive: whether it is a sum over blocks, each of which adds what its fields and the shape
            before it say.
    """

    name: str
    group: Group
    unit: str
    summary: str
    compute: Callable[[Facts], np.ndarray]
    additive: bool = False


FEATURES: Registry[Feature] = Registry("feature", entry_points="nasfer.features")
"""Every feature by name, in a fixed order; outside ones come by the entry point."""

KIND = "kind_"
"""How the name of a feature begins that counts blocks of a kind."""


def register_feature(
    name: str, *, group: Group, unit: str, additive: bool = False
) -> Callable[[Callable[[Facts], np.ndarray]], Callable[[Facts], np.ndarray]]:
    """Decorator: make ``Facts -> (n,)`` known as a feature; its docstring's first line sums it up.

    Raises:
        DuplicateNameError: the name is taken.
    """

    def register(function: Callable[[Facts], np.ndarray]) -> Callable[[Facts], np.ndarray]:
        summary = (function.__doc__ or name).strip().splitlines()[0]
        FEATURES.add(name, Feature(name, group, unit, summary, function, additive))
        return function

    return register


def all_features() -> tuple[Feature, ...]:
    """Return the registered features and one for each kind of block, in a fixed order."""
    kinds = sorted(name for name in BLOCKS.names() if not BLOCKS.get(name).is_head)
    return (*FEATURES, *(kind_feature(name) for name in kinds))


def kind_feature(kind: str) -> Feature:
    """Return the feature that counts the blocks of one kind: it stands for the network's family.

    Example:
        >>> kind_feature("MBConv").name
        'kind_MBConv'
    """

    def compute(facts: Facts) -> np.ndarray:
        return facts.kinds.get(kind, np.zeros(len(facts.end)))

    return Feature(f"{KIND}{kind}", "kinds", "blocks", f"Blocks of kind {kind}.", compute, True)


def find_feature(name: str) -> Feature:
    """Return the feature of that name.

    Raises:
        UnknownNameError: there is none, not even among the plug-ins.
    """
    if name.startswith(KIND):
        kind = name.removeprefix(KIND)
        if kind not in BLOCKS:
            raise UnknownNameError(f"unknown feature {name!r}{nearest(kind, BLOCKS.names())}")
        return kind_feature(kind)
    return FEATURES.get(name)
