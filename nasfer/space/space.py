"""`Space`: a set of architectures that can be sampled, varied, tested for membership and counted."""

from __future__ import annotations

import dataclasses
import itertools
import math
import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from nasfer.arch import BLOCKS, Arch, Block, parse_arch
from nasfer.errors import SpaceError, SpecError, UnknownNameError
from nasfer.space.schema import FieldMoves, Limits, SpaceFile, Value
from nasfer.space.slots import Slot, assign, carried

REDRAWS = 100
"""Mutations that change nothing are drawn again, so often."""


class Space:
    """A search space: every chain of blocks that its file's moves can reach.

    Args:
        name: file name without ending.
        file: the checked content of its YAML file.
        where: the file, for messages.
    Raises:
        SpaceError: the file names a block, field or start that does not exist or does not fit.
    Example:
        >>> import random
        >>> from nasfer.space import load_space
        >>> space = load_space("zennet_m")
        >>> child = space.mutate(space.start, rng=random.Random(0))
        >>> space.contains(child), child != space.start
        (True, True)
    """

    def __init__(self, name: str, file: SpaceFile, where: str) -> None:
        self.name = name
        self.file = file
        self.limits: Limits = file.limits
        self._where = where
        try:
            self.start = parse_arch(file.start)
        except SpecError as error:
            raise SpaceError(f"{where}: start: {error}") from None
        self._moves = {
            self._kind(kind, "moves"): self._checked(kind, moves)
            for kind, moves in file.moves.items()
        }
        self._kinds = self._alternative_kinds()
        self._options = {
            kind: tuple((name, _Options(moves)) for name, moves in fields.items())
            for kind, fields in self._moves.items()
        }
        self._slots = _SlotTuple(self._make_slots())
        head = type(self.start.head)
        self._head_slot = (
            Slot(self.start.head, {head: self._moves[head]}, splits=False)
            if head in self._moves
            else None
        )
        self._free_ends = (int("first" in file.fixed), int("last" in file.fixed))
        complaint = self.why_not(self.start)
        if complaint:
            raise SpaceError(f"{where}: start: {complaint}")

    # --- reading the file ---------------------------------------------------------------------

    def _kind(self, name: str, where: str) -> type[Block]:
        try:
            return BLOCKS.get(name)
        except UnknownNameError as error:
            raise SpaceError(f"{self._where}: {where}: {error}") from None

    def _checked(self, kind: str, moves: dict[str, FieldMoves]) -> dict[str, FieldMoves]:
        fields = {field.name for field in dataclasses.fields(BLOCKS.get(kind))}
        for name in moves:
            if name not in fields - {"in_channels", "stride"}:
                allowed = ", ".join(sorted(fields - {"in_channels", "stride"}))
                raise SpaceError(
                    f"{self._where}: moves.{kind}.{name}: no field that can move; allowed: {allowed}"
                )
        return moves

    def _alternative_kinds(self) -> dict[type[Block], tuple[type[Block], ...]]:
        kinds = {kind: (kind,) for kind in self._moves}
        for index, group in enumerate(self.file.alternatives):
            members = tuple(self._kind(name, f"alternatives[{index}]") for name in group)
            for kind in members:
                if kind not in self._moves:
                    raise SpaceError(
                        f"{self._where}: alternatives[{index}]: {kind.__name__} has no moves"
                    )
                kinds[kind] = members
        return kinds

    def _make_slots(self) -> tuple[Slot, ...]:
        slots = []
        last = len(self.start.blocks) - 1
        for index, block in enumerate(self.start.blocks):
            fixed = (index == 0 and "first" in self.file.fixed) or (
                index == last and "last" in self.file.fixed
            )
            kinds = (type(block),) if fixed else self._kinds.get(type(block), (type(block),))
            moves = {kind: {} if fixed else self._moves.get(kind, {}) for kind in kinds}
            splits = self.file.split is not None and any("repeats" in m for m in moves.values())
            slots.append(Slot(block, moves, splits))
        return tuple(slots)

    # --- membership ---------------------------------------------------------------------------

    def why_not(self, arch: Arch) -> str | None:
        """Say why an architecture is no member: ``blocks[2].kernel: 9 is not one of 3, 5, 7``.

        Classes and image channels are not searched, so any will do, and so will any head unless the
        file has moves of the start's head; limits are not part of the set.
        """
        found = assign(arch.blocks, self._slots)
        if isinstance(found, str):
            return found
        if self._head_slot is None:
            return None
        head = _with_classes(arch.head, self.start.classes)
        complaint = self._head_slot.complaint(head, first=True)
        return None if complaint is None else f"head.{complaint}"

    def contains(self, arch: Arch) -> bool:
        """Whether an architecture is a member; `why_not` says why it is none."""
        return self.why_not(arch) is None

    # --- proposals ----------------------------------------------------------------------------

    def sample(self, *, rng: random.Random, moves: int | None = None) -> Arch:
        """Return a random member: a walk of ``moves`` mutations (by default 1 to 32) from the start."""
        arch = self.start
        for _ in range(1 + int(rng.random() * 32) if moves is None else moves):
            arch = self.mutate(arch, rng=rng)
        return arch

    def mutate(self, arch: Arch, *, rng: random.Random) -> Arch:
        """Return a neighbour by the published move: one block drawn anew, the next one rewired.

        Every field of the block, its kind among them, is drawn among the values that one move
        reaches; its own value is one of them.

        Raises:
            SpaceError: nothing in ``arch`` can vary.
        """
        return self._move(arch, rng, self._redraw)

    def nudge(self, arch: Arch, *, rng: random.Random) -> Arch:
        """Return a near neighbour: one field of one block changed, the next block rewired.

        Raises:
            SpaceError: nothing in ``arch`` can vary.
        """
        return self._move(arch, rng, self._nudge)

    def _move(
        self,
        arch: Arch,
        rng: random.Random,
        vary: Callable[[Block, random.Random], tuple[Block, ...] | None],
    ) -> Arch:
        blocks = arch.blocks
        first, last = self._free_ends
        count = len(blocks) - first - last + (self._head_slot is not None)
        for _ in range(REDRAWS):
            index = first + int(rng.random() * count)
            if index == len(blocks) - last:
                head = vary(arch.head, rng)
                if head is not None:
                    return Arch.chained(blocks, head[0])
                continue
            varied = vary(blocks[index], rng)
            if varied is not None:
                return self._rewired(arch, index, index + 1, varied)
        raise SpaceError(f"space {self.name!r}: nothing can vary in {arch}")

    def _redraw(self, block: Block, rng: random.Random) -> tuple[Block, ...] | None:
        """Draw all fields; two blocks if it grew past its maximum, ``None`` if nothing changed."""
        kinds = self._kinds.get(type(block))
        if kinds is None:
            return None
        kind = kinds[int(rng.random() * len(kinds))] if len(kinds) > 1 else kinds[0]
        values = []
        for name, options in self._options[kind]:
            reachable = options[getattr(block, name)]
            values.append(reachable[int(rng.random() * len(reachable))])
        varied = _varied(self, block, kind, tuple(values))
        return None if varied[0] == block else varied

    def _nudge(self, block: Block, rng: random.Random) -> tuple[Block, ...] | None:
        """Change one field, or the kind; ``None`` if the drawn value is the old one."""
        kinds = self._kinds.get(type(block))
        if kinds is None:
            return None
        kind = type(block)
        fields = self._options[kind]
        drawn = int(rng.random() * (len(fields) + (len(kinds) > 1)))
        values = [getattr(block, name) for name, _ in fields]
        if drawn < len(fields):
            reachable = fields[drawn][1][values[drawn]]
            value = reachable[int(rng.random() * len(reachable))]
            if value == values[drawn]:
                return None
            values[drawn] = value
        else:
            kind = kinds[int(rng.random() * len(kinds))]
            if kind is type(block):
                return None
            values = [getattr(block, name) for name, _ in self._options[kind]]
        varied = _varied(self, block, kind, tuple(values))
        return None if varied[0] == block else varied

    def _remake(
        self, block: Block, kind: type[Block], values: tuple[Value, ...]
    ) -> tuple[Block, ...]:
        """Return ``block`` as ``kind`` with new values of the fields that move."""
        fields: dict[str, Any] = {
            field.name: carried(block, kind, field.name) for field in dataclasses.fields(kind)
        }
        fields.update(zip(self._moves[kind], values))
        moves = self._moves[kind].get("repeats")
        if moves is None or moves.choices or fields["repeats"] <= moves.max:
            return (kind(**fields),)
        if self.file.split is None:
            return (kind(**{**fields, "repeats": moves.max}),)
        first = kind(**{**fields, "repeats": self.file.split.first})
        rest = kind(
            **{
                **fields,
                "in_channels": fields["out_channels"],
                "stride": 1,
                "repeats": fields["repeats"] - self.file.split.first,
            }
        )
        return first, rest

    def _rewired(self, arch: Arch, start: int, stop: int, new: Sequence[Block]) -> Arch:
        """Replace ``blocks[start:stop]`` and make the blocks around read what they are given."""
        blocks = [*arch.blocks[:start], *new, *arch.blocks[stop:]]
        for index in (start, start + len(new)):
            if 0 < index < len(blocks):
                blocks[index] = _reading(blocks[index], blocks[index - 1].out_channels)
        head = arch.head
        if head.in_channels != blocks[-1].out_channels:
            head = _reading(head, blocks[-1].out_channels)
        return Arch.chained(tuple(blocks), head)

    def crossover(self, one: Arch, other: Arch, *, rng: random.Random) -> Arch:
        """Return a child with the first positions of one member and the last of the other.

        The cut falls between positions of the start, so that blocks of one position stay together.

        Raises:
            SpaceError: a parent is no member.
        """
        cuts = []
        cut = 1 + int(rng.random() * (len(self._slots) - 1))
        for parent in (one, other):
            slots = _assigned(parent.blocks, self._slots)
            if isinstance(slots, str):
                raise SpaceError(f"space {self.name!r}: {slots}")
            cuts.append(sum(slot < cut for slot in slots))
        child = self._rewired(one, cuts[0], len(one.blocks), other.blocks[cuts[1] :])
        if self._head_slot is None:
            return child
        head = _with_classes(other.head, one.classes)  # it belongs to the last positions
        return Arch.chained(child.blocks, _reading(head, child.blocks[-1].out_channels))

    # --- size ---------------------------------------------------------------------------------

    def size(self, max_layers: int | None = None) -> float:
        """Return the number of members, exactly, or infinity.

        Args:
            max_layers: count members of at most so many layers; by default the space's own limit.
                Without one, splits make the space infinite.
        """
        most = max_layers if max_layers is not None else self.limits.max_layers
        if most is None:
            if any(slot.splits for slot in self._slots):
                return math.inf
            most = sum(max(self._choices(slot, first=True)) for slot in self._slots)
        members = [1] + [0] * most  # members[n]: ways to spend n layers on the slots so far
        for slot in self._slots:
            one = self._convolve(members, self._choices(slot, first=True))
            total = one
            while slot.splits and any(one):
                one = self._convolve(one, self._choices(slot, first=False))
                total = [a + b for a, b in zip(total, one)]
            members = total
        heads = self._choices(self._head_slot, first=True) if self._head_slot else {0: 1}
        return sum(members) * sum(heads.values())

    def _choices(self, slot: Slot, *, first: bool) -> dict[int, int]:
        """Ways for one block to stand in a slot, by its layers.

        Values of the fields with ``choices`` that a kind refuses together are not counted.
        """
        ways: dict[int, int] = {}
        for kind, moves in slot.moves.items():
            numeric = (m for name, m in moves.items() if name != "repeats" and not m.choices)
            others = math.prod(len(m.domain) for m in numeric)
            picked = {name: m.choices for name, m in moves.items() if m.choices and name != "repeats"}
            others *= sum(
                _stands(slot.start, kind, dict(zip(picked, values)))
                for values in itertools.product(*picked.values())
            )
            repeats: Sequence[Value] = (carried(slot.start, kind, "repeats") or 1,)
            if "repeats" in moves:
                repeats = moves["repeats"].domain
            for layers in repeats:
                ways[int(layers)] = ways.get(int(layers), 0) + others
        return ways

    @staticmethod
    def _convolve(members: list[int], ways: dict[int, int]) -> list[int]:
        return [
            sum(count * members[total - layers] for layers, count in ways.items() if layers <= total)
            for total in range(len(members))
        ]


class _SlotTuple(tuple[Slot, ...]):
    """Slots as a memo key: compared by identity, since slots hold dictionaries."""

    __hash__ = object.__hash__
    __eq__ = object.__eq__


class _Options(dict[Value, tuple[Value, ...]]):
    """What one field may become, by its value; filled as values are met."""

    def __init__(self, moves: FieldMoves) -> None:
        super().__init__()
        self._moves = moves

    def __missing__(self, value: Value) -> tuple[Value, ...]:
        return self.setdefault(value, self._moves.options(value))


@lru_cache(maxsize=4096)
def _assigned(blocks: tuple[Block, ...], slots: _SlotTuple) -> tuple[int, ...] | str:
    return assign(blocks, slots)


@lru_cache(maxsize=262144)
def _varied(
    space: Space, block: Block, kind: type[Block], values: tuple[Value, ...]
) -> tuple[Block, ...]:
    try:
        return space._remake(block, kind, values)
    except SpecError:  # these values do not go together: drawn again, as if nothing had changed
        return (block,)


@lru_cache(maxsize=262144)
def _reading(block: Block, channels: int) -> Block:
    return block if block.in_channels == channels else dataclasses.replace(block, in_channels=channels)


def _with_classes(head: Block, classes: int) -> Block:
    return head if head.out_channels == classes else dataclasses.replace(head, out_channels=classes)


def _stands(start: Block, kind: type[Block], values: dict[str, Value]) -> bool:
    """Whether ``start``, as ``kind`` and with these values, is a block."""
    fields: dict[str, Any] = {
        field.name: carried(start, kind, field.name) for field in dataclasses.fields(kind)
    }
    try:
        kind(**{**fields, **values})
    except SpecError:
        return False
    return True
