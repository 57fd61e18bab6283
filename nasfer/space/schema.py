"""The search space language: what a YAML file may say, checked field by field."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from nasfer.errors import BudgetError, SpaceError
from nasfer.quantity import LARGEST_COUNT, parse_quantity
from nasfer.reading import load_yaml

LARGEST = 2**18
"""Bytes of a file."""

MOST = 2**16
"""Of a field's value, and of the steps that lead to it."""

Value = bool | int | float | str


def _count(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return parse_quantity(value, "limit")
        except BudgetError as error:
            raise ValueError(str(error).removeprefix("limit: ")) from None
    return value


Count = Annotated[int, BeforeValidator(_count), Field(gt=0, le=LARGEST_COUNT)]
"""A positive number, possibly written as ``1M``."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    younger: ClassVar[tuple[str, ...]] = ()
    """Fields that older versions had not: not written where unset, so that digests stay."""

    @model_serializer(mode="wrap")
    def _without_unset(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = write(self)
        return {k: v for k, v in fields.items() if v is not None or k not in self.younger}


class Limits(_Strict):
    """Default limits of a space; a flag of the same name overrides one, ``none`` lifts it.

    ``min_map`` and ``max_map`` hold the side of the last map, at the resolution of the search.
    """

    younger = ("min_map", "max_map")

    max_flops: Count | None = None
    max_macs: Count | None = None
    max_params: Count | None = None
    max_layers: Count | None = None
    min_map: Count | None = None
    max_map: Count | None = None


class FieldMoves(_Strict):
    """How one field of a block varies: exactly one of ``scale``, ``step`` and ``choices``.

    ``scale`` multiplies and rounds to ``multiple_of``; ``step`` adds; ``choices`` picks. The
    domain of the first two is ``min`` to ``max``. ``initial`` is where the field begins when a
    block of a kind without it turns into this one.
    """

    younger = ("initial",)

    scale: tuple[Annotated[float, Field(gt=0, le=MOST)], ...] = Field(default=(), max_length=100)
    step: tuple[Annotated[int, Field(ge=-MOST, le=MOST)], ...] = Field(default=(), max_length=100)
    choices: tuple[Value, ...] = Field(default=(), max_length=1000)
    multiple_of: int = Field(default=1, gt=0, le=MOST)
    min: int = Field(default=0, ge=0, le=MOST)
    max: int = Field(default=0, ge=0, le=MOST)
    initial: Value | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> FieldMoves:
        if sum(map(bool, (self.scale, self.step, self.choices))) != 1:
            raise ValueError("exactly one of scale, step and choices is needed")
        if not self.domain:
            raise ValueError(f"max: {self.max} is under the minimum {self.lowest}")
        if any(step % self.multiple_of for step in self.step):
            raise ValueError(f"step: {self.step} are not all multiples of {self.multiple_of}")
        if self.initial is not None and self.initial not in self.domain:
            raise ValueError(f"initial: {self.initial} is no value of the field")
        return self

    @property
    def lowest(self) -> int:
        """Smallest value of a numeric domain."""
        return max(self.min, self.multiple_of)

    @cached_property
    def domain(self) -> tuple[Value, ...]:
        """Every value that the field may take, in order."""
        if self.choices:
            return self.choices
        first = -(-self.lowest // self.multiple_of) * self.multiple_of
        return tuple(range(first, self.max + 1, self.multiple_of))

    def options(self, value: Value, *, outgrow: bool = False) -> tuple[Value, ...]:
        """Return what the field may become from ``value``, as often as moves lead there.

        Args:
            outgrow: a step may pass the maximum, for repeats, which are split then.
        """
        if self.choices:
            return self.choices
        least, most = int(self.domain[0]), int(self.domain[-1])
        if self.step:
            stepped = [max(least, int(value) + step) for step in self.step]
            return tuple(stepped if outgrow else [min(most, moved) for moved in stepped])
        units = [int(float(value) * factor / self.multiple_of + 0.5) for factor in self.scale]
        return tuple(min(most, max(least, unit * self.multiple_of)) for unit in units)


class Split(_Strict):
    """A block that grows past the maximum of ``repeats`` becomes two: ``first`` and the rest."""

    first: int = Field(gt=0, le=MOST)


class Scoring(_Strict):
    """How proposals are scored where the closed form does not reach; flags override it.

    Args:
        proxy: what proposals are scored by.
        proxy_resolution: side of the images it is measured on; ``None`` is the search's own.
        proxy_batch: images a draw; ``None`` is the search's own.
        iterations: proposals; measured scores are worth fewer than computed ones.
        population: members kept.
    """

    proxy: str = "zen_closed_form"
    proxy_resolution: int | None = Field(default=None, gt=0, le=8192)
    proxy_batch: int | None = Field(default=None, gt=1, le=MOST)
    iterations: int = Field(default=480_000, gt=0, le=10**9)
    population: int = Field(default=512, gt=1, le=10**6)


class SpaceFile(_Strict):
    """The file of a space of one family.

    Attributes:
        start: structure string of the member that searches begin with.
        limits: default limits.
        scoring: how proposals are scored by default.
        fixed: which ends of the start never change, but for the channels that they read.
        alternatives: groups of block kinds that may turn into each other.
        moves: for each block kind, how its fields vary; other fields stay as in the start.
        split: what becomes of a block whose repeats outgrow their maximum; absent: they stop there.
    """

    start: str
    description: str = ""
    source: str = ""
    limits: Limits = Limits()
    scoring: Scoring = Scoring()
    fixed: tuple[Literal["first", "last"], ...] = ()
    alternatives: tuple[tuple[str, ...], ...] = ()
    moves: dict[str, dict[str, FieldMoves]]
    split: Split | None = None


class UnionFile(_Strict):
    """The file of a space of several families.

    Attributes:
        families: names of spaces, or paths of their files, relative to this one.
        limits: default limits, common to all families: their own do not count.
        scoring: how proposals are scored by default, in all families.
    """

    families: tuple[str, ...] = Field(min_length=2)
    description: str = ""
    limits: Limits = Limits()
    scoring: Scoring = Scoring()


def read_space_file(path: Path) -> SpaceFile | UnionFile:
    """Read and check a search space file; one with the key ``families`` is a union's.

    Raises:
        SpaceError: ``my.yaml: moves.SuperConv.kernel.choice: ...``, one line.
    """
    data = load_yaml(path, SpaceError, limit=LARGEST)
    if not isinstance(data, dict):
        raise SpaceError(f"{path}: a mapping with 'start' and 'moves', or 'families', is needed")
    model = UnionFile if "families" in data else SpaceFile
    try:
        return model.model_validate(data)
    except ValidationError as error:
        errors = error.errors()  # a misspelt key is also a missing one: name what stands there
        first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
        where = ".".join(map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            message = f"unknown key; allowed: {', '.join(_allowed(model, first['loc']))}"
        raise SpaceError(f"{path}: {where}: {message}") from None


def _allowed(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Keys that are allowed where an unknown one stands."""
    inner: dict[str, type[BaseModel]] = {
        "limits": Limits,
        "scoring": Scoring,
        "split": Split,
        "moves": FieldMoves,
    }
    return list((model if len(location) == 1 else inner[str(location[0])]).model_fields)
