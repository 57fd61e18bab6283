"""Read the fields of a model as users write them: texts of a file or of a flag, or values.

A text is read by the type of its field, so YAML's traps (``1e-3`` is a string, ``010`` is 8,
``off`` is False) do not reach a training.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from numbers import Integral, Real
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from nasfer.errors import SpecError
from nasfer.reading import load_yaml_texts
from nasfer.registry import nearest

LARGEST = 2**16
"""Bytes of a file."""

NO_VALUE = ("none", "null", "~", "")


def read_texts(path: Path) -> dict[str, str]:
    """Read a YAML file of one mapping, each value as the text that stands there.

    Raises:
        SpecError: the file cannot be read, or holds something else.
    """
    texts = load_yaml_texts(path, SpecError, limit=LARGEST)
    if texts is None:
        raise SpecError(f"{path}: a mapping of options is needed, such as 'epochs: 20'")
    return texts


def parse_fields(
    model: type[BaseModel], values: Mapping[str, Any], where: str, older: Mapping[str, str]
) -> dict[str, Any]:
    """Return values by field, each of its field's type; relations between fields are not checked.

    Args:
        model: whose fields they are.
        values: texts or values by name; ``none`` or ``None`` clears a field that may be empty.
        where: the place of the values, for the message.
        older: today's name of a field by one that it had.
    Raises:
        SpecError: an unknown field, or a value that the field does not take.
    """
    parsed: dict[str, Any] = {}
    for given, value in values.items():
        name = older.get(given, given)
        field = model.model_fields.get(name)
        if field is None:
            known = nearest(given, list(model.model_fields))
            raise SpecError(f"{where}: {given}: unknown option{known}")
        if name in parsed:
            raise SpecError(f"{where}: {name}: stands there twice, also under an older name")
        empty = value is None or (isinstance(value, str) and value.strip() in NO_VALUE)
        if empty and type(None) in get_args(field.annotation):
            parsed[name] = None
            continue
        try:
            parsed[name] = _read(_reader(model, name), value)
        except ValidationError as error:
            message = error.errors()[0]["msg"]
            raise SpecError(f"{where}: {given}: {_shown(value)}: {message}") from None
    return parsed


def _shown(value: Any) -> str:
    """Write a value that may be long."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}..."


def _read(reader: TypeAdapter[Any], value: Any) -> Any:
    """Read a text as it would stand in a file; of other values take those that fit, no others."""
    if isinstance(value, str):
        return reader.validate_strings(value)
    if isinstance(value, Path):
        value = str(value)
    elif isinstance(value, Integral) and not isinstance(value, bool):  # numpy's too
        value = int(value)
    elif isinstance(value, Real) and not isinstance(value, bool):
        value = float(value)
    return reader.validate_python(value, strict=True)


@cache
def _reader(model: type[BaseModel], name: str) -> TypeAdapter[Any]:
    """Return what reads the values of a field."""
    field = model.model_fields[name]
    kind: Any = Annotated[field.annotation, field]
    return TypeAdapter(kind, config=ConfigDict(allow_inf_nan=False))
