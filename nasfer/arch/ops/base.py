"""What every operation is: an immutable node; and the shape that flows between them."""

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
    """Base of all operations.

    Trees are memo keys of the readers and compare by identity: blocks build a tree once and keep
    it (`functools.lru_cache`), which is much quicker than comparing trees by value.
    """

    __slots__ = ()
    __match_args__: ClassVar[tuple[str, ...]]


@dataclass_transform(frozen_default=True, eq_default=False)
def operation(cls: type) -> type:
    """Class decorator: a frozen dataclass with slots that compares by identity."""
    made: type = dataclasses.dataclass(frozen=True, slots=True, eq=False)(cls)
    return made


def walk(op: Op) -> Iterator[Op]:
    """Yield an operation and all that it is made of; `nasfer.arch.parts.leaves` knows shapes too.

    Example:
        >>> from nasfer.arch.ops import SIGMOID, Gate, GlobalMean, sequence
        >>> [type(part).__name__ for part in walk(Gate(sequence(GlobalMean(), SIGMOID)))]
        ['Gate', 'Sequence', 'GlobalMean', 'Activation']
    """
    yield op
    for part in within(op):
        yield from walk(part)


def within(op: Op) -> Iterator[Op]:
    """Yield the operations that an operation holds itself, not what they hold."""
    for name in op.__match_args__:
        value = getattr(op, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Op):
                yield part
