"""What every operation is: an immutable, hashable node; and the shape that flows between them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from typing_extensions import dataclass_transform


class Shape(NamedTuple):
    """What flows between operations, for one image.

    Example:
        >>> Shape(3, 224, 224).numel
        150528
    """

    channels: int
    height: int
    width: int
    copies: int = 1

    @property
    def numel(self) -> int:
        """Number of values."""
        return self.channels * self.height * self.width * self.copies


class Op:
    """Base of all operations; the hash is kept, since trees are keys of the readers' memos."""

    __slots__ = ("_hash",)
    __match_args__: ClassVar[tuple[str, ...]]
    _hash: int

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            values = (getattr(self, name) for name in self.__match_args__)
            object.__setattr__(self, "_hash", hash((type(self).__name__, *values)))
            return self._hash


@dataclass_transform(frozen_default=True)
def operation(cls: type) -> type:
    """Class decorator: a frozen dataclass with slots that keeps its hash."""
    made: type = dataclasses.dataclass(frozen=True, slots=True)(cls)
    made.__hash__ = Op.__hash__  # type: ignore[assignment]
    return made


def walk(op: Op) -> Iterator[Op]:
    """Yield an operation and all that it is made of; `nasfer.arch.shapes.leaves` knows shapes too.

    Example:
        >>> from nasfer.arch.ops import SIGMOID, Gate, GlobalMean, sequence
        >>> [type(part).__name__ for part in walk(Gate(sequence(GlobalMean(), SIGMOID)))]
        ['Gate', 'Sequence', 'GlobalMean', 'Activation']
    """
    yield op
    for name in op.__match_args__:
        value = getattr(op, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Op):
                yield from walk(part)
