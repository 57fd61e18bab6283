"""`UnionSpace`: several families in one space, with a rare step from one to another."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache

from nasfer.arch import Arch, Block
from nasfer.errors import SpaceError
from nasfer.space.family import FamilySpace
from nasfer.space.schema import UnionFile
from nasfer.space.space import Space

CHANGE = 0.01
"""Share of moves that leave the family, for a sample of another: no small step leads there."""


class UnionSpace(Space):
    """The members of several families; moves and crossover stay within one, but for a rare change.

    A member of two families counts as the first one's. Families of which each has, at some
    position, only kinds of block that no other family has are disjoint, as nasfer's own are.

    Args:
        name: file name without ending.
        file: the checked content of its YAML file.
        parts: the families, one at least, with the union's limits and scoring for their own.
    Example:
        >>> import random
        >>> from nasfer.space import load_space
        >>> space = load_space("fer")
        >>> [space.family(start) for start in space.starts] == list(space.families)
        True
        >>> child = space.nudge(space.start, rng=random.Random(0))
        >>> space.family(child)
        'zennet_m'
    """

    def __init__(self, name: str, file: UnionFile, parts: Sequence[FamilySpace]) -> None:
        super().__init__(name, file)
        self._file = file
        self._parts = tuple(parts)
        self._by_name = {part.name: part for part in parts}
        owners = Counter(kind for part in parts for kind in frozenset().union(*part.kinds()))
        self._telling: dict[type[Block], str] = {
            kind: part.name
            for part in parts
            for kind in frozenset().union(*part.kinds())
            if owners[kind] == 1
        }
        self._searched: Callable[[Arch], str] = lru_cache(maxsize=65536)(self._search_family)

    # --- families -----------------------------------------------------------------------------

    @property
    def parts(self) -> tuple[Space, ...]:
        """The families as spaces."""
        return self._parts

    def family(self, arch: Arch) -> str:
        """Return the name of the first family that holds a member.

        A kind of block that only one family has tells it at once: networks that are no members
        are not always noticed.

        Raises:
            SpaceError: no family holds it.
        """
        telling = self._telling
        for block in arch.blocks:
            if type(block) in telling:
                return telling[type(block)]
        return self._searched(arch)

    def _search_family(self, arch: Arch) -> str:
        for part in self._parts:
            if part.contains(arch):
                return part.name
        raise SpaceError(f"space {self.name!r}: {self.why_not(arch)}")

    def without(self, family: str) -> UnionSpace:
        """Return the union of the other families.

        Raises:
            SpaceError: it is the only one, or none of this space.
        """
        parts = [part for part in self._parts if part.name != family]
        if not parts or len(parts) == len(self._parts):
            raise SpaceError(f"space {self.name!r}: {family!r} cannot be taken away")
        return UnionSpace(self.name, self._file, parts)

    # --- the set ------------------------------------------------------------------------------

    def digest(self) -> str:
        """Return 12 hexadecimal digits that change when the file's or a family's meaning changes.

        Families count with the union's limits and scoring: their own ones mean nothing here.
        """
        said = [self._file.model_dump_json(exclude={"families"})]
        said += [f"{part.name} {part.digest()}" for part in self._parts]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]

    def why_not(self, arch: Arch) -> str | None:
        """Say for each family why an architecture is no member; ``None`` if it is one of any."""
        complaints = []
        for part in self._parts:
            complaint = part.why_not(arch)
            if complaint is None:
                return None
            complaints.append(f"{part.name}: {complaint}")
        return "; ".join(complaints)

    def size(self, max_layers: int | None = None) -> int | float:
        """Return the sum of the families' sizes: a bound where families are not disjoint."""
        return sum(part.size(max_layers) for part in self._parts)

    def skeleton(self, arch: Arch) -> Hashable:
        """Return the family, and the member's skeleton there."""
        family = self.family(arch)
        return family, self._by_name[family].skeleton(arch)

    # --- proposals ----------------------------------------------------------------------------

    def sample(self, *, rng: random.Random) -> Arch:
        """Return a random member of a random family, each family as likely."""
        return self._parts[int(rng.random() * len(self._parts))].sample(rng=rng)

    def mutate(self, arch: Arch, *, rng: random.Random) -> Arch:
        """Return a neighbour in the family by the published move; rarely, another family's sample.

        Raises:
            SpaceError: ``arch`` is no member, or nothing in it can vary.
        """
        family = self.family(arch)
        return self._changed(family, rng) or self._by_name[family].mutate(arch, rng=rng)

    def nudge(self, arch: Arch, *, rng: random.Random) -> Arch:
        """Return a near neighbour in the family; rarely, another family's sample.

        Raises:
            SpaceError: ``arch`` is no member, or nothing in it can vary.
        """
        family = self.family(arch)
        return self._changed(family, rng) or self._by_name[family].nudge(arch, rng=rng)

    def _changed(self, family: str, rng: random.Random) -> Arch | None:
        """Return a sample of another family, most often ``None``."""
        if rng.random() >= CHANGE or len(self._parts) == 1:
            return None
        others = [part for part in self._parts if part.name != family]
        return others[int(rng.random() * len(others))].sample(rng=rng)

    def crossover(self, one: Arch, other: Arch, *, rng: random.Random) -> Arch:
        """Return a child of two members of one family, else the first of them.

        Raises:
            SpaceError: a parent is no member.
        """
        family = self.family(one)
        if self.family(other) != family:
            return one
        return self._by_name[family].crossover(one, other, rng=rng)
