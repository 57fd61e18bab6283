"""The forms of what a predictor's file holds: types, sizes and bounds, before anything is built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nasfer.predictors.examples import MOST

MOST_FEATURES = 5_000
MOST_PARTS = 64
MOST_NODES = 2_000_000

Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e12, le=1e12)]
Positive = Annotated[float, Field(allow_inf_nan=False, gt=0, le=1e12)]
Logarithm = Annotated[float, Field(allow_inf_nan=False, ge=-50, le=50)]
Share = Annotated[float, Field(ge=0, le=1)]
Column = Annotated[int, Field(ge=0, lt=MOST_FEATURES)]
Row = Annotated[list[Number], Field(min_length=1, max_length=MOST_FEATURES)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False)


class _Process(_Form):
    share: Share
    groups: list[list[Column]] = Field(min_length=1, max_length=MOST_PARTS)
    smooth: Logarithm | None
    nearness: list[Logarithm] = Field(max_length=MOST_PARTS)
    linear: list[Logarithm] = Field(max_length=MOST_PARTS)
    noise: Logarithm


class _Blend(_Form):
    level: Number
    spread: Positive
    centre: Row
    scale: list[Positive]
    inputs: list[Row] = Field(min_length=1, max_length=MOST)
    targets: list[Number]
    noise: list[Annotated[float, Field(ge=0, le=1e12)]]
    processes: list[_Process] = Field(min_length=1, max_length=MOST_PARTS)


def checked_blend(data: Mapping[str, Any], columns: int) -> dict[str, Any]:
    """Return the data of a blend of processes, if they are of one.

    Args:
        data: plain data of a file.
        columns: features that the file names.
    Raises:
        ValueError: a field is missing, of another type or out of bounds, or sizes do not agree.
    """
    form = _validated(_Blend, data)
    count = len(form.inputs)
    widths = {len(row) for row in (form.centre, form.scale, *form.inputs)}
    if widths != {columns} or {len(form.targets), len(form.noise)} != {count}:
        raise ValueError("model: the sizes of its lists do not agree")
    for one in form.processes:
        groups = len(one.groups)
        near = 0 if one.smooth is None else groups
        if (len(one.linear), len(one.nearness)) != (groups, near):
            raise ValueError("model.processes: the sizes of its lists do not agree")
        if not all(one.groups) or any(c >= columns for group in one.groups for c in group):
            raise ValueError("model.processes: a group of features that are not there")
    return form.model_dump()


class _Forest(_Form):
    level: Number
    spread: Positive
    noise: Annotated[float, Field(ge=0, le=1e12)]
    roots: list[Annotated[int, Field(ge=0)]] = Field(min_length=1, max_length=10_000)
    feature: list[Annotated[int, Field(ge=-1)]] = Field(max_length=MOST_NODES)
    threshold: list[Number]
    left: list[Annotated[int, Field(ge=0)]]
    right: list[Annotated[int, Field(ge=0)]]
    value: list[Number]


def checked_forest(data: Mapping[str, Any], columns: int) -> dict[str, Any]:
    """Return the data of a forest, if they are of one; arguments and errors as `checked_blend`.

    A child stands behind its parent, so every walk ends.
    """
    form = _validated(_Forest, data)
    count = len(form.feature)
    if {len(form.threshold), len(form.left), len(form.right), len(form.value)} != {count}:
        raise ValueError("model: the sizes of its lists do not agree")
    if any(root >= count for root in form.roots) or any(f >= columns for f in form.feature):
        raise ValueError("model: a node or a feature that is not there")
    for node, feature in enumerate(form.feature):
        children = (form.left[node], form.right[node])
        if feature >= 0 and not all(node < child < count for child in children):
            raise ValueError("model: a node whose children do not stand behind it")
    return form.model_dump()


def _validated(form: Any, data: Mapping[str, Any]) -> Any:
    try:
        return form.model_validate(dict(data))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(["model", *map(str, first["loc"])])
        raise ValueError(f"{where}: {first['msg'].lower()}") from None
