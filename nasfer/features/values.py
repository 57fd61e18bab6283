"""Features of networks as numbers: a matrix for predictors, a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nasfer.arch import Arch
from nasfer.features._base import Feature, all_features
from nasfer.features.facts import FactReader, Facts


def feature_values(facts: Facts, features: Sequence[Feature]) -> np.ndarray:
    """Return ``(n, len(features))`` values, one row a network."""
    columns = [feature.compute(facts) for feature in features]
    return np.stack(columns, axis=1) if columns else np.zeros((len(facts.end), 0))


def feature_rows(arch: Arch, resolution: int) -> list[dict[str, Any]]:
    """Return a row for each feature of a network that is not 0: name, value, unit, group, words.

    Args:
        arch: the network.
        resolution: side of the images, in pixels.
    Raises:
        SpecError: the images are too small for it.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> rows = feature_rows(parse_arch("SuperConvK3BNRELU(3,8,2,1)"), 8)
        >>> {row["feature"]: row["value"] for row in rows}["layers"]
        1.0
    """
    features = all_features()
    values = feature_values(FactReader(resolution).read([arch]), features)[0]
    return [
        {
            "feature": feature.name, "value": float(value), "unit": feature.unit,
            "group": feature.group, "additive": feature.additive, "summary": feature.summary,
        }
        for feature, value in zip(features, values)
        if value or feature.group == "aggregates"
    ]  # fmt: skip
