"""What a block is: immutable fields, an op tree, and a text form declared in one line."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, get_args, get_type_hints

from typing_extensions import Self

from nasfer.arch.ops import Op
from nasfer.errors import SpecError
from nasfer.registry import Registry


class _CachedHash:
    """Room for a block's hash, which a search asks for millions of times."""

    __slots__ = ("_hash",)
    _hash: int


@dataclass(frozen=True, slots=True)
class Block(_CachedHash):
    """One building block of a network; a subclass is one block kind.

    A subclass declares fields, ``name_format`` (the word before the bracket, with the fields that
    it carries), ``arguments`` (the fields inside the bracket, in order) and writes `ops`. Its other
    fields are options: they have a default and are printed as ``name=value`` where they differ.
    """

    name_format: ClassVar[str]
    arguments: ClassVar[tuple[str, ...]]
    is_head: ClassVar[bool] = False
    """Whether it ends a network: it writes logits, not a map."""

    in_channels: int
    out_channels: int

    def __post_init__(self) -> None:
        for name, most in _bounds(type(self)):  # type: ignore[arg-type]  # as in options
            value = getattr(self, name)
            if value < 1 and name in POSITIVE:
                raise SpecError(f"{name}: {value} is not a positive number")
            if value > most:
                raise SpecError(f"{name}: {_shown(value)}; {most:,} at most is allowed")
        if getattr(self, "kernel", 1) % 2 == 0:
            raise SpecError(f"kernel: {self.kernel} is not an odd positive number")  # type: ignore[attr-defined]
        self.check()
        for name in _fractions(type(self)):  # type: ignore[arg-type]
            if getattr(self, name) != getattr(self, name):
                raise SpecError(f"{name}: nan is not a number")

    def check(self) -> None:
        """Refuse field values that do not go together, by `SpecError`."""

    def ops(self) -> Op:
        """Return the block's op tree; every reader stands on it."""
        raise NotImplementedError

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            values = (getattr(self, name) for name in self.__match_args__)
            object.__setattr__(self, "_hash", hash((type(self).__name__, *values)))
            return self._hash

    @property
    def layers(self) -> int:
        """Layers as ZenNAS counts them: the repeats of a super-block, else 1."""
        return int(getattr(self, "repeats", 1))

    def with_classes(self, classes: int) -> Self:
        """Return a head of the same layers but for the last, which writes so many logits.

        A head whose other layers follow the number of classes overrides this, so that they stay.
        """
        return dataclasses.replace(self, out_channels=classes)

    @classmethod
    def options(cls) -> dict[str, Any]:
        """Return the optional fields and their defaults."""
        return _options(cls)  # type: ignore[arg-type]  # mypy reads Block's hash as the class's

    def __str__(self) -> str:
        name = self.name_format.format(
            **{field: getattr(self, field) for field in name_fields(type(self))}
        )
        values = [str(getattr(self, field)) for field in self.arguments]
        for field, default in self.options().items():
            value = getattr(self, field)
            if value != default:
                values.append(f"{field}={_written(value)}")
        return f"{name}({','.join(values)})"


def _written(value: Any) -> str:
    """One text for equal values: a flag is 0 or 1, a whole float has no point."""
    whole = isinstance(value, bool) or (isinstance(value, float) and value.is_integer())
    return str(int(value) if whole else value)


POSITIVE = (
    "in_channels", "out_channels", "stride", "repeats", "bottleneck", "expansion", "kernel",
)  # fmt: skip
"""Fields that are at least 1; for others a kind's own `Block.check` says what is least."""

LARGEST = 2**16
"""Of every number in a block that `MOST` does not name."""

MOST = {"kernel": 255, "stride": 64, "repeats": 1000, "expansion": 256}
"""No network has more, and more than any machine would be asked for."""


def field_types(kind: type[Block]) -> dict[str, Any]:
    """Return the type of each field of a kind."""
    return _types(kind)  # type: ignore[arg-type]  # as in options


_types = cache(get_type_hints)  # one entry a block kind, as below; they take half a millisecond


@cache
def _bounds(kind: type[Block]) -> tuple[tuple[str, int], ...]:
    """Return the fields of a kind that are numbers, and what each is at most."""
    types = field_types(kind)
    names = [field.name for field in dataclasses.fields(kind) if types[field.name] in (int, float)]
    return tuple((name, MOST.get(name, LARGEST)) for name in names)


@cache  # few have any
def _fractions(kind: type[Block]) -> tuple[str, ...]:
    """Return the fields of a kind that may be NaN."""
    types = field_types(kind)
    return tuple(field.name for field in dataclasses.fields(kind) if types[field.name] is float)


def _shown(value: float) -> str:
    """Write a number that may have thousands of digits."""
    return str(value) if abs(value) < 10**20 else f"{value:.3g}" if value < 1e300 else "too many"


@cache
def _options(kind: type[Block]) -> dict[str, Any]:
    return {
        field.name: field.default
        for field in dataclasses.fields(kind)
        if field.default is not dataclasses.MISSING
    }


BLOCKS: Registry[type[Block]] = Registry("block", entry_points="nasfer.blocks")
"""Every block kind by its class name; outside kinds come by the entry point ``nasfer.blocks``."""


def register_block(kind: type[Block]) -> type[Block]:
    """Class decorator: make a block kind known to the text, YAML and search space languages."""
    kind.__hash__ = Block.__hash__  # type: ignore[method-assign]  # the dataclass made a slower one
    return BLOCKS.add(kind.__name__, kind)


def check_choice(name: str, value: object, literal: Any) -> None:
    """Refuse a value that is none of a ``Literal``'s.

    Raises:
        SpecError: ``name: value is not one of ...``.
    Example:
        >>> from typing import Literal
        >>> check_choice("attention", "regoin", Literal["none", "region"])
        Traceback (most recent call last):
        nasfer.errors.SpecError: attention: 'regoin' is not one of none, region
    """
    allowed = get_args(literal)
    if value not in allowed:
        raise SpecError(f"{name}: {value!r} is not one of {', '.join(map(str, allowed))}")


def check_rate(name: str, value: float) -> None:
    """Refuse a dropout rate that is not at least 0 and under 1.

    Raises:
        SpecError: ``name: value is not at least 0 and under 1``.
    """
    if not 0 <= value < 1:
        raise SpecError(f"{name}: {value} is not at least 0 and under 1")


def name_fields(kind: type[Block]) -> tuple[str, ...]:
    """Return the fields that a kind's name carries, such as ``kernel`` in ``SuperResK3K3``."""
    return tuple(dict.fromkeys(re.findall(r"{(\w+)}", kind.name_format)))


def name_pattern(kind: type[Block]) -> re.Pattern[str]:
    """Return the regular expression of a kind's name; a field named twice must agree."""
    return _pattern(kind.name_format)


@cache
def _pattern(name_format: str) -> re.Pattern[str]:
    seen: set[str] = set()

    def group(match: re.Match[str]) -> str:
        field = match[1]
        if field in seen:
            return f"(?P={field})"
        seen.add(field)
        return f"(?P<{field}>[0-9]+)"

    return re.compile(re.sub(r"{(\w+)}", group, name_format))
