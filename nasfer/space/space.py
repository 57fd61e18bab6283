"""`Space`: what every search space can do, be it one family of networks or several."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Hashable

from nasfer.arch import Arch
from nasfer.errors import SpaceError
from nasfer.space.schema import SpaceFile, UnionFile


class Space(ABC):
    """A set of architectures to sample, vary, test for membership and count.

    It consists of families: members of one can be crossed and reach each other by small moves. A
    plain space is one family, its own; `UnionSpace` has several.

    Args:
        name: file name without ending.
        file: the checked content of its YAML file.
    Attributes:
        description: one line.
        limits: default limits of a search; they are no part of membership.
        scoring: how proposals are scored by default.
    """

    def __init__(self, name: str, file: SpaceFile | UnionFile) -> None:
        self.name = name
        self.description = file.description
        self.limits = file.limits
        self.scoring = file.scoring

    # --- families -----------------------------------------------------------------------------

    @property
    def parts(self) -> tuple[Space, ...]:
        """The families as spaces; a plain space is its own only one."""
        return (self,)

    @property
    def families(self) -> tuple[str, ...]:
        """The families' names."""
        return tuple(part.name for part in self.parts)

    @property
    def start(self) -> Arch:
        """The member that searches begin with; of several families, the first one's."""
        return self.parts[0].start

    @property
    def starts(self) -> tuple[Arch, ...]:
        """The start of each family."""
        return tuple(part.start for part in self.parts)

    def family(self, arch: Arch) -> str:
        """Return the name of a member's family."""
        return self.name

    def without(self, family: str) -> Space:
        """Return the space that is left when a family is taken away.

        Raises:
            SpaceError: it is the only one, or none of this space.
        """
        raise SpaceError(f"space {self.name!r}: {family!r} cannot be taken away")

    # --- the set ------------------------------------------------------------------------------

    @abstractmethod
    def digest(self) -> str:
        """Return 12 hexadecimal digits that change when the space's meaning changes."""

    @abstractmethod
    def why_not(self, arch: Arch) -> str | None:
        """Say why an architecture is no member, ``None`` if it is one.

        Classes and image channels are not searched, so any will do; limits are not part of the set.
        """

    def contains(self, arch: Arch) -> bool:
        """Whether an architecture is a member; `why_not` says why it is none."""
        return self.why_not(arch) is None

    @abstractmethod
    def size(self, max_layers: int | None = None) -> int | float:
        """Return the number of members, or infinity.

        Args:
            max_layers: count members of at most so many layers; by default the space's own limit.
        """

    @abstractmethod
    def skeleton(self, arch: Arch) -> Hashable:
        """Return what stays of a member without its widths (fields that move by ``scale``)."""

    # --- proposals ----------------------------------------------------------------------------

    @abstractmethod
    def sample(self, *, rng: random.Random) -> Arch:
        """Return a random member."""

    @abstractmethod
    def mutate(self, arch: Arch, *, rng: random.Random) -> Arch:
        """Return a neighbour by the published move: one block drawn anew."""

    @abstractmethod
    def nudge(self, arch: Arch, *, rng: random.Random) -> Arch:
        """Return a near neighbour: one field changed, or a repeat moved."""

    @abstractmethod
    def crossover(self, one: Arch, other: Arch, *, rng: random.Random) -> Arch:
        """Return a child of two members; the first of them where they cannot be joined."""
