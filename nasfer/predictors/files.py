"""A predictor as one JSON file: no pickle, a schema, a digest; read without scikit-learn."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nasfer.errors import NasferError, PredictorError, UnknownNameError
from nasfer.features import SCHEMA as FEATURES_SCHEMA
from nasfer.features import find_feature
from nasfer.predictors._base import PREDICTORS
from nasfer.predictors.predictor import About, Predictor
from nasfer.reading import load_json
from nasfer.runs.atomic import make_folder, write_atomic
from nasfer.runs.seal import sealed, unsealed

SCHEMA = 1
"""Of the file's form; another one is refused."""

NAME = "nasfer predictor"
"""What the file says it is."""

MIB = 2**20
LARGEST = 64 * MIB
Text = Annotated[str, Field(max_length=10_000)]


class _About(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pool: Text
    digest: Text
    networks: Annotated[int, Field(ge=1)]
    resolution: Annotated[int, Field(ge=1, le=8192)]
    dataset: Text
    recipe: Text
    noise: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Text
    about: _About
    features: list[Text] = Field(min_length=1, max_length=5_000)
    constants: dict[str, Annotated[float, Field(allow_inf_nan=False)]]
    model: dict[str, Any]


def save_predictor(predictor: Predictor, path: str | Path) -> None:
    """Write a predictor to a JSON file, as a whole.

    Raises:
        RunFolderError: the file cannot be written.
    """
    import json

    file = Path(path)
    head = {"what": NAME, "schema": SCHEMA, "features_schema": FEATURES_SCHEMA}
    make_folder(file.parent)
    write_atomic(file, json.dumps(sealed({**head, **predictor.to_dict()})) + "\n")


def load_predictor(path: str | Path) -> Predictor:
    """Read the predictor of a file; the same file is read once.

    Raises:
        PredictorError: the file cannot be read, is damaged, no predictor, or of another schema.
    """
    try:
        found = os.stat(path)
        key = (found.st_mtime_ns, found.st_size, found.st_ino)
    except (OSError, ValueError):
        key = (0, 0, 0)
    return _loaded(str(path), key)


@lru_cache(maxsize=8)
def _loaded(path: str, key: tuple[int, int, int]) -> Predictor:
    data = load_json(path, PredictorError, limit=LARGEST)
    try:
        return _predictor(_checked(data))
    except UnknownNameError as error:
        raise PredictorError(f"{path}: {error}") from None
    except NasferError:
        raise
    except (ValueError, OverflowError, np.linalg.LinAlgError) as error:
        raise PredictorError(f"{path}: {error}") from None


def _checked(data: Any) -> dict[str, Any]:
    if not isinstance(data, Mapping) or data.get("what") != NAME:
        raise ValueError("no predictor of nasfer; `nasfer learn` writes one")
    for name, known in (("schema", SCHEMA), ("features_schema", FEATURES_SCHEMA)):
        if data.get(name) != known:
            raise ValueError(
                f"{name} {str(data.get(name))[:40]!r}; this nasfer reads {known}; learn it anew"
            )
    if "sha256" not in data:
        raise ValueError("damaged: its digest is missing")
    try:
        rest = unsealed(data)
    except ValueError as error:
        raise ValueError(f"damaged: {error}") from None
    return {k: v for k, v in rest.items() if k not in ("what", "schema", "features_schema")}


def _predictor(data: dict[str, Any]) -> Predictor:
    try:
        file = _File.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{where}: {first['msg'].lower()}") from None
    model = PREDICTORS.get(file.kind).model
    if model is None:
        raise ValueError(f"kind: {file.kind!r} is no model of its own")
    features = tuple(find_feature(name) for name in file.features)
    for name in file.constants:
        find_feature(name)
    about = About(**file.about.model_dump())
    return Predictor(model.from_dict(file.model, features), about, file.constants)
