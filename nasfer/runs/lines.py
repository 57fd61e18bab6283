"""What a line of a file is as a value: the base of all records, and how lines are read.

Who writes a line writes ``to_dict()``, who reads one reads ``from_dict()``: nobody else knows the
names that stand in the files. Both ways lead to an equal value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from typing_extensions import Self

from nasfer.errors import RunFolderError


class Record:
    """A value that a line of a file holds."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return asdict(self)  # type: ignore[call-overload]

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Return the value that a line describes; keys that it does not know are not read.

        Raises:
            ValueError: a field is missing or of another type; one line says which.
        """
        from pydantic import ValidationError  # 0.1 s, and only readers need it

        try:
            found: Self = _reader(cls).validate_python(data)  # type: ignore[arg-type]
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "line"
            raise ValueError(f"{place}: {first['msg'].lower()}") from None
        return found


R = TypeVar("R", bound=Record)


def records_of(lines: Iterable[Any], kind: type[R], path: Path) -> list[R]:
    """Return the values of a file's lines.

    Args:
        lines: as JSON gave them.
        kind: of record.
        path: of the file, for the message.
    Raises:
        RunFolderError: a line is none of this kind; the message has file and number.
    """
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(kind.from_dict(line))
        except ValueError as error:
            raise RunFolderError(
                f"{path}:{number}: no {kind.__name__}: {error}; remove the line"
            ) from None
    return found


@cache
def _reader(cls: type) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(cls)
