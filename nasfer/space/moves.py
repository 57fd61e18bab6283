"""What one move makes of one block: drawn anew, nudged, or a repeat longer or shorter."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from nasfer.arch import Block
from nasfer.errors import SpecError
from nasfer.space.schema import FieldMoves, Value
from nasfer.space.slots import carried

Varied = tuple[Block, ...] | None
"""The blocks that take a block's place, two after a split; ``None`` where nothing changed."""

REMEMBERED = 50_000
"""Blocks whose neighbours are remembered; then the memory starts anew and so stays bounded."""


class BlockMoves:
    """The moves of a space's file, applied to blocks.

    Args:
        moves: for each kind of block that varies, how its fields do.
        kinds: for each of these kinds, what it may turn into, itself among them.
        split: repeats of the first part where a block outgrows its maximum; ``None``: no splits.
    """

    def __init__(
        self,
        moves: Mapping[type[Block], Mapping[str, FieldMoves]],
        kinds: Mapping[type[Block], tuple[type[Block], ...]],
        split: int | None,
    ) -> None:
        self._moves = moves
        self._kinds = kinds
        self._split = split
        self._options = {
            kind: [
                (name, lru_cache(maxsize=4096)(partial(field.options, outgrow=name == "repeats")))
                for name, field in fields.items()
            ]
            for kind, fields in moves.items()
        }
        self._neighbours: dict[Block, list[_Group]] = {}
        self._remade: Callable[[Block, type[Block], tuple[Value, ...]], Varied] = lru_cache(
            maxsize=REMEMBERED
        )(self._remake)  # type: ignore[assignment]  # mypy reads Block's hash as the class's

    def redraw(self, block: Block, rng: random.Random) -> Varied:
        """Draw the kind and all fields anew, each among what one move reaches (as published)."""
        kinds = self._kinds.get(type(block))
        if kinds is None:
            return None
        kind = kinds[int(rng.random() * len(kinds))]
        values = []
        for name, options_of in self._options[kind]:
            options = options_of(self._value(block, kind, name))
            values.append(options[int(rng.random() * len(options))])
        return self._remade(block, kind, tuple(values))

    def nudge(self, block: Block, rng: random.Random) -> Varied:
        """Change one field, or all widths by one factor, or the kind."""
        groups = self._neighbours.get(block)
        if groups is None:
            if len(self._neighbours) >= REMEMBERED:
                self._neighbours.clear()
            groups = self._neighbours[block] = self._groups(block)
        if not groups:
            return None
        return groups[int(rng.random() * len(groups))].draw(rng)

    def with_repeats(self, block: Block, change: int) -> Varied:
        """Make a block longer or shorter; no blocks where nothing is left of it.

        ``None`` where the block's repeats do not move.
        """
        fields = self._moves.get(type(block), {})
        if "repeats" not in fields:
            return None
        values = [getattr(block, name) for name in fields]
        place = list(fields).index("repeats")
        values[place] += change
        if values[place] < fields["repeats"].lowest:
            return ()
        return self._remade(block, type(block), tuple(values))

    def _groups(self, block: Block) -> list[_Group]:
        """Return the kinds of nudges of a block; their results are computed when drawn."""
        fields = self._options.get(type(block), [])
        values = tuple(getattr(block, name) for name, _ in fields)
        groups = [
            _Group(partial(self._step, block, values, (index,)), len(options_of(values[index])))
            for index, (_, options_of) in enumerate(fields)
        ]
        moves = self._moves.get(type(block), {}).values()
        widths = tuple(index for index, move in enumerate(moves) if move.scale)
        if len(widths) > 1:
            factors = len(fields[widths[0]][1](values[widths[0]]))
            groups.append(_Group(partial(self._step, block, values, widths), factors))
        kinds = self._kinds.get(type(block), ())
        if len(kinds) > 1:
            groups.append(_Group(partial(self._turn, block, kinds), len(kinds)))
        return groups

    def _step(
        self, block: Block, values: tuple[Value, ...], places: tuple[int, ...], option: int
    ) -> Varied:
        moved = list(values)
        for place in places:
            options = self._options[type(block)][place][1](values[place])
            moved[place] = options[option % len(options)]
        return self._remade(block, type(block), tuple(moved))

    def _turn(self, block: Block, kinds: tuple[type[Block], ...], option: int) -> Varied:
        kind = kinds[option]
        values = tuple(self._value(block, kind, name) for name, _ in self._options[kind])
        return self._remade(block, kind, values)

    def _value(self, block: Block, kind: type[Block], name: str) -> Value:
        """Return a field as ``kind`` would have it: the block's, or where it begins."""
        value: Value | None = getattr(block, name, None)
        if value is not None:
            return value
        moves = self._moves[kind][name]
        return moves.domain[0] if moves.initial is None else moves.initial

    def _remake(self, block: Block, kind: type[Block], values: tuple[Value, ...]) -> Varied:
        """Return ``block`` as ``kind`` with new values of the fields that move.

        ``None`` also where the kind refuses these values together: another move is drawn then.
        """
        try:
            return self._made(block, kind, values)
        except SpecError:
            return None

    def _made(self, block: Block, kind: type[Block], values: tuple[Value, ...]) -> Varied:
        fields: dict[str, Any] = {name: carried(block, kind, name) for name in kind.__match_args__}
        fields.update(zip(self._moves[kind], values))
        repeats = self._moves[kind].get("repeats")
        if repeats is None or repeats.choices or fields["repeats"] <= repeats.max:
            made = kind(**fields)
            return None if made == block else (made,)
        if self._split is None:
            made = kind(**{**fields, "repeats": repeats.max})
            return None if made == block else (made,)
        rest = {
            "in_channels": fields["out_channels"],
            "stride": 1,
            "repeats": fields["repeats"] - self._split,
        }
        return kind(**{**fields, "repeats": self._split}), kind(**{**fields, **rest})


_UNSEEN: Any = object()


class _Group:
    """Results of one kind of nudge, computed when first drawn."""

    __slots__ = ("_make", "_results")

    def __init__(self, make: Callable[[int], Varied], count: int) -> None:
        self._make = make
        self._results: list[Varied] = [_UNSEEN] * count

    def draw(self, rng: random.Random) -> Varied:
        """Return one of the results at random."""
        index = int(rng.random() * len(self._results))
        result = self._results[index]
        if result is _UNSEEN:
            result = self._results[index] = self._make(index)
        return result
