"""Count the members of a space, exactly."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from nasfer.arch import Block
from nasfer.errors import SpecError
from nasfer.space.schema import FieldMoves
from nasfer.space.slots import Slot, carried


def count_members(slots: Sequence[Slot], max_layers: int | None) -> int | float:
    """Return how many chains of blocks fill the slots with at most so many layers.

    Ways to fill a slot are polynomials in its layers; a network's are their product. Choices that
    a kind refuses together (beside the start's other values) are not counted.

    Args:
        max_layers: ``None`` is no limit; splits then make the number infinite.
    """
    if max_layers is None:
        if any(slot.splits for slot in slots):
            return math.inf
        max_layers = sum(max(_ways(slot)) for slot in slots)
    members = [1] + [0] * max_layers  # members[n]: ways to spend n layers on the slots so far
    for slot in slots:
        ways = _ways(slot)
        last = _product(members, ways)
        total = last
        while slot.splits and any(last):
            last = _product(last, ways)
            total = [a + b for a, b in zip(total, last)]
        members = total
    return sum(members)


def _ways(slot: Slot) -> dict[int, int]:
    """Ways for one block to stand in a slot, by its layers."""
    ways: dict[int, int] = {}
    for kind, moves in slot.moves.items():
        others = math.prod(
            len(move.domain)
            for name, move in moves.items()
            if name != "repeats" and not move.choices
        )
        others *= _choices(slot.start, kind, moves)
        repeats: Sequence[object] = (carried(slot.start, kind, "repeats") or slot.start.layers,)
        if "repeats" in moves:
            repeats = moves["repeats"].domain
        for layers in repeats:
            ways[int(str(layers))] = ways.get(int(str(layers)), 0) + others
    return ways


def _choices(start: Block, kind: type[Block], moves: Mapping[str, FieldMoves]) -> int:
    """Count the choices of all fields that ``start``, as ``kind``, takes together."""
    chosen = {name: move.choices for name, move in moves.items() if move.choices}
    chosen.pop("repeats", None)
    fields: dict[str, Any] = {name: carried(start, kind, name) for name in kind.__match_args__}
    for name, move in moves.items():
        if fields[name] is None:  # a kind that the start is not
            fields[name] = move.domain[0]
    count = 0
    for values in itertools.product(*chosen.values()):
        with suppress(SpecError):
            kind(**fields | dict(zip(chosen, values)))
            count += 1
    return count


def _product(members: list[int], ways: dict[int, int]) -> list[int]:
    return [
        sum(count * members[total - layers] for layers, count in ways.items() if layers <= total)
        for total in range(len(members))
    ]
