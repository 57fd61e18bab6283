"""From a space's file to its rules: kinds, moves and positions, checked against the blocks."""

from __future__ import annotations

from dataclasses import dataclass

from nasfer.arch import BLOCKS, Arch, Block, parse_arch
from nasfer.errors import SpaceError, SpecError, UnknownNameError
from nasfer.space.schema import FieldMoves, SpaceFile
from nasfer.space.slots import Slot

Moves = dict[type[Block], dict[str, FieldMoves]]
Kinds = dict[type[Block], tuple[type[Block], ...]]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a space's file says, in terms of blocks.

    Args:
        start: the member that searches begin with.
        moves: for each kind of block that varies, how its fields do.
        kinds: for each of these kinds, what it may turn into, itself among them.
        slots: what may stand at each position of the start.
        head_slot: what the head may be; ``None`` where it is not searched, so that any will do.
    """

    start: Arch
    moves: Moves
    kinds: Kinds
    slots: tuple[Slot, ...]
    head_slot: Slot | None


def read_rules(file: SpaceFile, where: str) -> Rules:
    """Turn a file's content into rules.

    Args:
        where: the file, for messages.
    Raises:
        SpaceError: a block, field or start does not exist or does not fit.
    """
    try:
        start = parse_arch(file.start)
    except SpecError as error:
        raise SpaceError(f"{where}: start: {error}") from None
    moves: Moves = {}
    for name, fields in file.moves.items():
        kind = _kind(name, f"{where}: moves")
        _check_fields(kind, fields, f"{where}: moves.{name}")
        moves[kind] = fields
    kinds = _read_alternatives(file, moves, where)
    return Rules(
        start, moves, kinds, _slots(file, start, moves, kinds), _head_slot(start, moves, kinds)
    )


def _kind(name: str, where: str) -> type[Block]:
    try:
        return BLOCKS.get(name)
    except UnknownNameError as error:
        raise SpaceError(f"{where}: {error}") from None


def _check_fields(kind: type[Block], fields: dict[str, FieldMoves], where: str) -> None:
    followed = {"in_channels"}
    if kind.is_head:
        followed.add("out_channels")  # the classes
    movable = sorted(set(kind.__match_args__) - followed)
    for name in fields:
        if name not in movable:
            raise SpaceError(
                f"{where}.{name}: no field that can move; allowed: {', '.join(movable)}"
            )


def _read_alternatives(file: SpaceFile, moves: Moves, where: str) -> Kinds:
    kinds: Kinds = {kind: (kind,) for kind in moves}
    for index, group in enumerate(file.alternatives):
        place = f"{where}: alternatives[{index}]"
        members = tuple(_kind(name, place) for name in group)
        for kind in members:
            if kind not in moves:
                raise SpaceError(f"{place}: {kind.__name__} has no moves")
            if kind.is_head != members[0].is_head:
                raise SpaceError(f"{place}: heads and other blocks are mixed")
            _check_made(kind, members, moves, place)
            kinds[kind] = members
    return kinds


def _check_made(
    kind: type[Block], others: tuple[type[Block], ...], moves: Moves, where: str
) -> None:
    """Refuse a kind that would have a field of which a block of another kind says nothing."""
    optional = kind.options()
    for name in kind.__match_args__:
        told = all(name in other.__match_args__ for other in others) or name in optional
        move = moves[kind].get(name)
        if not told and (move is None or (move.initial is None and not move.choices)):
            raise SpaceError(
                f"{where}: {kind.__name__}.{name} is no field of all of them, so its moves need"
                " 'initial'"
            )


def _slots(file: SpaceFile, start: Arch, moves: Moves, kinds: Kinds) -> tuple[Slot, ...]:
    slots = []
    last = len(start.blocks) - 1
    for index, block in enumerate(start.blocks):
        ends = {"first": index == 0, "last": index == last}
        fixed = any(ends[end] for end in file.fixed)
        here = (type(block),) if fixed else kinds.get(type(block), (type(block),))
        varied = {kind: {} if fixed else moves.get(kind, {}) for kind in here}
        splits = file.split is not None and any("repeats" in fields for fields in varied.values())
        slots.append(Slot(block, varied, splits))
    return tuple(slots)


def _head_slot(start: Arch, moves: Moves, kinds: Kinds) -> Slot | None:
    here = kinds.get(type(start.head), ())
    if not here:
        return None
    varied = {kind: moves[kind] for kind in here}
    return Slot(start.head, varied, splits=False, open_fields=("in_channels", "out_channels"))
