"""`FamilySpace`: every chain of blocks that the moves of one start reach."""

from __future__ import annotations

import hashlib
import random
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable

from nasfer.arch import Arch, Block
from nasfer.errors import SpaceError
from nasfer.space.moves import BlockMoves, Varied
from nasfer.space.rewire import rewired, with_classes
from nasfer.space.rules import read_rules
from nasfer.space.schema import SpaceFile
from nasfer.space.size import count_members
from nasfer.space.slots import Slot, assign
from nasfer.space.space import Space

REDRAWS = 100
"""Moves that change nothing are drawn again, so often."""

TRANSFER = 0.2
"""Share of nudges that move a repeat: under a limit a block grows only as another shrinks."""

LONGEST_WALK = 32
"""A sample is at most so many moves from the start."""


class FamilySpace(Space):
    """A search space of one family: every chain of blocks that its file's moves can reach.

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
        super().__init__(name, file)
        self.file = file
        rules = read_rules(file, where)
        self._start = rules.start
        self._moves = rules.moves
        self._slots = rules.slots
        self._head_slot = rules.head_slot
        self._block_moves = BlockMoves(
            rules.moves, rules.kinds, None if file.split is None else file.split.first
        )
        self._skeletons = _Marks(self._shape_fields)
        self._patterns = _Marks(self._unmoved_fields)
        self._layouts: dict[Hashable, tuple[int, ...]] = {}
        complaint = self.why_not(self.start)
        if complaint:
            raise SpaceError(f"{where}: start: {complaint}")

    @property
    def start(self) -> Arch:
        """The member that searches begin with."""
        return self._start

    @property
    def slots(self) -> tuple[Slot, ...]:
        """What may stand at each position of the start."""
        return self._slots

    @property
    def head_slot(self) -> Slot | None:
        """What the head may be; ``None`` where it does not move."""
        return self._head_slot

    def kinds(self) -> list[frozenset[type[Block]]]:
        """Return what kinds of block may stand at each position of the start."""
        return [frozenset(slot.moves) for slot in self._slots]

    def _shape_fields(self, block: Block) -> list[str]:
        """Fields that move and are no widths."""
        moves = self._moves.get(type(block), {})
        return [name for name, move in moves.items() if not move.scale]

    def _unmoved_fields(self, block: Block) -> list[str]:
        """Fields in which members differ by position alone."""
        moves = self._moves.get(type(block), {})
        return [name for name in block.__match_args__ if name not in {"in_channels", *moves}]

    def digest(self) -> str:
        """Return 12 hexadecimal digits that change when the file's meaning changes."""
        return hashlib.sha256(self.file.model_dump_json().encode()).hexdigest()[:12]

    # --- membership ---------------------------------------------------------------------------

    def why_not(self, arch: Arch) -> str | None:
        """Say why an architecture is no member: ``blocks[2].kernel: 9 is not one of 3, 5, 7``.

        Any head will do, unless the file has moves of the start's.
        """
        found = assign(arch.blocks, self._slots)
        if isinstance(found, str):
            return found
        if self._head_slot is None:
            return None
        complaint = self._head_slot.complaint(arch.head, first=True)
        return None if complaint is None else f"head.{complaint}"

    def size(self, max_layers: int | None = None) -> int | float:
        """Return the number of members, exactly; splits without a limit make it infinite."""
        slots = self._slots if self._head_slot is None else (*self._slots, self._head_slot)
        return count_members(slots, max_layers or self.limits.max_layers)

    def skeleton(self, arch: Arch) -> Hashable:
        """Return what stays of a member without its widths (fields that move by ``scale``)."""
        blocks = arch.blocks if self._head_slot is None else (*arch.blocks, arch.head)
        return tuple([self._skeletons[block] for block in blocks])

    # --- proposals ----------------------------------------------------------------------------

    def sample(self, *, rng: random.Random) -> Arch:
        """Return a random member: a walk of 1 to 32 published moves from the start."""
        arch = self.start
        for _ in range(1 + int(rng.random() * LONGEST_WALK)):
            arch = self.mutate(arch, rng=rng)
        return arch

    def mutate(self, arch: Arch, *, rng: random.Random) -> Arch:
        """Return a neighbour by the published move: one block drawn anew, the next one rewired.

        Every field of the block, its kind among them, is drawn among the values that one move
        reaches; its own value is one of them.

        Raises:
            SpaceError: nothing in ``arch`` can vary.
        """
        return self._vary(arch, rng, self._block_moves.redraw)

    def nudge(self, arch: Arch, *, rng: random.Random) -> Arch:
        """Return a near neighbour.

        One field of one block changed, or all its widths by one factor, or one repeat moved from a
        block to another; the blocks around are rewired.

        Raises:
            SpaceError: nothing in ``arch`` can vary.
        """
        if rng.random() < TRANSFER:
            moved = self._transfer(arch, rng)
            if moved is not None:
                return moved
        return self._vary(arch, rng, self._block_moves.nudge)

    def _vary(
        self, arch: Arch, rng: random.Random, move: Callable[[Block, random.Random], Varied]
    ) -> Arch:
        blocks = arch.blocks
        first = 1 if "first" in self.file.fixed else 0
        end = len(blocks) - (1 if "last" in self.file.fixed else 0)
        count = end - first + (self._head_slot is not None)
        for _ in range(REDRAWS):
            index = first + int(rng.random() * count)
            varied = move(blocks[index] if index < end else arch.head, rng)
            if varied is None:
                continue
            if index == end:
                return Arch.chained(blocks, varied[0])
            child = rewired(arch, index, index + 1, varied)
            if child is not None:
                return child
        raise SpaceError(f"space {self.name!r}: nothing can vary in {arch}")

    def _transfer(self, arch: Arch, rng: random.Random) -> Arch | None:
        """Move one repeat from a block to another; an added part of a split may vanish.

        ``None`` where the drawn pair is one block, has no repeats, or has none to give.
        """
        count = len(arch.blocks)
        giver, taker = int(rng.random() * count), int(rng.random() * count)
        if giver == taker:
            return None
        grown = self._block_moves.with_repeats(arch.blocks[taker], 1)
        shrunk = self._block_moves.with_repeats(arch.blocks[giver], -1)
        if grown is None or shrunk is None:
            return None
        if not shrunk:
            positions = self._positions(arch)
            if giver == 0 or positions[giver - 1] != positions[giver]:
                return None
        # Replace the later one first: the earlier one keeps its place then.
        steps = ((giver, shrunk), (taker, grown))
        moved: Arch | None = arch
        for index, new in steps if giver > taker else steps[::-1]:
            moved = moved and rewired(moved, index, index + 1, new)
        return moved

    def crossover(self, one: Arch, other: Arch, *, rng: random.Random) -> Arch:
        """Return a child with the first positions of one member and the last of the other.

        The cut falls between positions of the start, so that blocks of one position stay together;
        a head that is searched belongs to the last of them. Parts that cannot be joined give the
        first parent.

        Raises:
            SpaceError: a parent is no member.
        """
        cut = 1 + int(rng.random() * (len(self._slots) - 1))
        end = bisect_left(self._positions(one), cut)
        begin = bisect_left(self._positions(other), cut)
        if self._head_slot is not None:
            one = Arch.chained(one.blocks, with_classes(other.head, one.classes))
        child = rewired(one, end, len(one.blocks), other.blocks[begin:])
        return one if child is None else child

    def _positions(self, member: Arch) -> tuple[int, ...]:
        """Return the start's position for which each block of a member stands.

        It follows from the blocks' kinds and unmoved fields alone, of which there are few patterns.
        """
        pattern = tuple([self._patterns[block] for block in member.blocks])
        if pattern not in self._layouts:
            slots = assign(member.blocks, self._slots)
            if isinstance(slots, str):
                raise SpaceError(f"space {self.name!r}: {slots}")
            self._layouts[pattern] = slots
        return self._layouts[pattern]


class _Marks(dict[Block, Hashable]):
    """Some fields of a block, beside its kind; filled as blocks are met."""

    def __init__(self, fields: Callable[[Block], Iterable[str]]) -> None:
        super().__init__()
        self._fields = fields

    def __missing__(self, block: Block) -> Hashable:
        if len(self) > 100_000:  # bounded memory in long searches
            self.clear()
        values = [getattr(block, name) for name in self._fields(block)]
        return self.setdefault(block, (type(block).__name__, *values))
