"""Which blocks of a member stand for which block of the start."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nasfer.arch.block import Block
from nasfer.space.schema import FieldMoves


@dataclass(frozen=True, slots=True)
class Slot:
    """One position of the start: what its blocks may be.

    Args:
        start: the block of the start at this position.
        moves: for each kind that may stand here, its fields' moves.
        splits: whether several blocks may stand here, all but the first with stride 1.
        open_fields: fields that may have any value, since something else decides them.
    """

    start: Block
    moves: dict[type[Block], dict[str, FieldMoves]]
    splits: bool
    open_fields: tuple[str, ...] = ("in_channels",)

    def complaint(self, block: Block, *, first: bool) -> str | None:
        """Say why ``block`` may not stand here, ``None`` if it may."""
        kind = type(block)
        if kind not in self.moves:
            names = " or ".join(sorted(known.__name__ for known in self.moves))
            return f"{kind.__name__} is not {names}"
        moves = self.moves[kind]
        for field in dataclasses.fields(block):
            name, value = field.name, getattr(block, field.name)
            if name in self.open_fields:
                continue
            if name in moves:
                if value not in moves[name].domain:
                    return f"{name}: {value} is not {_describe(moves[name])}"
                continue
            wanted = 1 if name == "stride" and not first else carried(self.start, kind, name)
            if value != wanted:
                return f"{name}: {value} is not {wanted}"
        return None


def carried(block: Block, kind: type[Block], name: str) -> Any:
    """Return what field ``name`` of ``block`` becomes when the block turns into another kind.

    An option at its default becomes the new kind's default; everything else is kept.
    """
    defaults, new_defaults = block.options(), kind.options()
    value = getattr(block, name, new_defaults.get(name))
    if name in new_defaults and value == defaults.get(name):
        return new_defaults[name]
    return value


def _describe(moves: FieldMoves) -> str:
    if moves.choices:
        return f"one of {', '.join(map(str, moves.choices))}"
    domain = moves.domain
    unit = f"a multiple of {moves.multiple_of} " if moves.multiple_of > 1 else ""
    return f"{unit}from {domain[0]} to {domain[-1]}"


def assign(blocks: Sequence[Block], slots: Sequence[Slot]) -> tuple[int, ...] | str:
    """Return the slot of each block, or say why there is none.

    The complaint is about the block that got furthest.
    """
    furthest = (0, f"{len(blocks)} blocks cannot fill {len(slots)} positions")

    def extend(index: int, slot: int) -> tuple[int, ...] | None:
        """Assign ``blocks[index:]``, the block before ``index`` standing in ``slot``."""
        nonlocal furthest
        if index == len(blocks):
            return () if slot == len(slots) - 1 else None
        choices = [slot] if slot >= 0 and slots[slot].splits else []
        if slot + 1 < len(slots):
            choices.append(slot + 1)
        for choice in reversed(choices):
            complaint = slots[choice].complaint(blocks[index], first=choice != slot)
            if complaint is None:
                rest = extend(index + 1, choice)
                if rest is not None:
                    return (choice, *rest)
            elif index >= furthest[0]:
                furthest = (index, f"blocks[{index}].{complaint}")
        return None

    return extend(0, -1) or furthest[1]
