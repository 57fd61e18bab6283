"""Which family a network belongs to: the shipped space that it is a member of, else its kinds."""

from __future__ import annotations

from functools import lru_cache

from nasfer.arch import Arch
from nasfer.arch.blocks import Identity
from nasfer.space import FamilySpace, list_spaces, load_space


def family_of(arch: Arch) -> str:
    """Return the narrowest shipped space of one family that contains the network.

    It is the one of the fewest kinds of block. A network that none contains is named by its kinds
    of block, whatever their order and number; a layer that passes is none.

    Example:
        >>> from nasfer.arch import parse_arch
        >>> from nasfer.presets import load_arch
        >>> family_of(load_arch("zennet_m")), family_of(parse_arch("MBConvE3K3(3,8,2,1)"))
        ('zennet_m', 'MBConv')
    """
    for space in _spaces():
        if space.contains(arch):
            return space.name
    kinds = {type(block).__name__ for block in arch.blocks if not isinstance(block, Identity)}
    return " ".join(sorted(kinds))


@lru_cache(maxsize=1)
def _spaces() -> tuple[FamilySpace, ...]:
    spaces = (load_space(name) for name in list_spaces())
    families = [space for space in spaces if isinstance(space, FamilySpace)]
    return tuple(sorted(families, key=lambda space: len(frozenset().union(*space.kinds()))))
